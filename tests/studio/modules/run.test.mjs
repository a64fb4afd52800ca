import assert from "node:assert/strict";
import { test } from "node:test";
import { row } from "./browser.mjs";

const { emptyRun, told } = await import("../../../deployments/studio/static/run.js");

const step = (index, step, preview, more = {}) => ({
  event: "progress",
  steps: [{ picture: 0, index, correction: 0, step, steps: 3, preview, ...more }],
});
const hear = (...events) =>
  events.reduce((run, event, number) => told(run, event, number + 1), emptyRun("a", row("a")));

test("candidates come one by one, and sharpen", () => {
  const run = hear(step(1, 1, "data:1"), step(0, 1, "data:0"), step(1, 2, "data:2"), step(1, 3, null));
  const shown = run.stories[0].candidates.map(({ step, preview }) => [step, preview]);
  assert.deepEqual(shown, [
    [1, "data:0"],
    [3, "data:2"],
  ]);
});

test("a correction sharpens, and its loss is a curve", () => {
  const run = hear(step(null, 1, "data:1", { loss: 0.9 }), step(null, 2, "data:2", { loss: 0.4 }));
  const after = told(run, step(null, 3, null, { loss: null }), 3);
  const [story] = after.stories;
  assert.deepEqual([story.passes[0].step, story.passes[0].preview], [3, "data:2"]);
  assert.deepEqual(story.losses, { correction: [0.9, 0.4] });
});

test("a run that was begun anew forgets what it showed", () => {
  const run = hear(step(0, 2, "data:1"), { event: "degraded", stage: "look", reason: "", attempt: 2 });
  assert.deepEqual([run.attempt, run.stories[0].candidates, run.stories[0].degraded.length], [2, [], 1]);
});
