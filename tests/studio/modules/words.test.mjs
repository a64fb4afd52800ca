import assert from "node:assert/strict";
import { test } from "node:test";
import { row } from "./browser.mjs";

const { emptyRun, told } = await import("../../../deployments/studio/static/run.js");
const words = await import("../../../deployments/studio/static/words.js");

const hear = (run, ...events) => events.reduce((now, event, number) => told(now, event, number + 1), run);
const timed = (stage, picture = 0) => ({ event: "stage.timed", stage, picture, seconds: 1 });
const PASS = {
  event: "progress",
  steps: [{ picture: 0, index: null, correction: 0, step: 1, steps: 9, preview: null }],
};

test("each method has stages of its own", () => {
  const stages = (more, usual) => words.expected(emptyRun("a", row("a", more)), usual);
  assert.deepEqual(stages({ method: "boxdiff" }), ["propose", "analyse", "lay_out", "draw"]);
  assert.deepEqual(stages({ method: "boxdiff", request: { box: [0, 0, 1, 1] } }), ["draw"]);
  assert.deepEqual(stages({ method: "plain" }), ["propose"]);
  assert.deepEqual(stages({}, { look_again: true }).slice(-2), ["correct", "judge"]);
  assert.deepEqual(stages({ request: { correction: false, candidates: 1 } }), ["propose", "analyse"]);
  assert.deepEqual(stages({ parent: "b" }), ["correct"]);
  assert.deepEqual(stages({ parent: "b", method: "lmd" }), ["draw"]);
});

test("BoxDiff draws after its draft, and ReCorD judges after its correction", () => {
  const draft = ["propose", "analyse", "lay_out"].map((stage) => timed(stage));
  const box = hear(emptyRun("a", row("a", { method: "boxdiff" })), ...draft, PASS);
  assert.equal(words.ahead(box)[0], "draw");
  const judged = [...draft, timed("select"), PASS, timed("correct")];
  assert.equal(words.ahead(hear(emptyRun("a", row("a")), ...judged), { look_again: true })[0], "judge");
});

test("the stages of one picture are not another's", () => {
  const run = hear(emptyRun("a", row("a")), timed("propose"), timed("propose", 1), timed("select"));
  assert.equal(words.ahead(run, {}, 0)[0], "analyse");
  assert.equal(words.ahead(run, {}, 1)[0], "select");
});

test("a stage that was left out is not waited for", () => {
  const run = hear(emptyRun("a", row("a")), timed("propose"), timed("analyse"));
  assert.deepEqual(words.ahead(run, {}), ["lay_out", "correct"]);
});

test("a run is ready after what it took in all, however many pictures it has", () => {
  const run = hear(emptyRun("a", row("a")), timed("propose"), timed("propose", 1), {
    event: "run.finished",
    at: 3,
  });
  assert.equal(words.standing(run), "Ready after 3.0 s");
});

test("a run that waits again says where it stands", () => {
  const begun = hear(emptyRun("a", row("a")), timed("propose"));
  const again = told(begun, { event: "run.accepted", position: 1, running: 1, ready_in_s: 20 }, 0);
  assert.equal(words.standing(again), "Waiting: 2 runs before this one, ready in about 20 s");
});

test("pictures are numbered as the page numbers them", () => {
  assert.equal(words.fromOne("picture 0 shows throwing"), "candidate 1 shows throwing");
  assert.equal(words.fromOne("correction 0 is as good as any"), "correction 1 is as good as any");
});

test("why a picture was kept is said once", () => {
  const reason = "the candidate is the best: action right";
  assert.deepEqual(words.reasons({ kept: reason, judged: { reason } }), [`Not corrected: ${reason}.`]);
  assert.deepEqual(words.reasons({ kept: null, judged: { reason } }), [
    "The candidate is the best: action right.",
  ]);
  assert.deepEqual(words.reasons({ kept: null, judged: null }), []);
});

test("what the layout agent sees is a sentence", () => {
  const seen = {
    pose_type: "dynamic",
    body_orientation: "angled",
    facial_direction: "up",
    object_relationship: "beside",
  };
  const said = "The model sees a dynamic pose, the body angled, looking up, the object beside the person.";
  assert.equal(words.layoutWords(seen), said);
  assert.equal(words.layoutWords({ ...seen, reason: "near the feet" }), `${said} Near the feet.`);
});

test("an object that cannot be moved says why", () => {
  const run = (status, method) => ({ ...emptyRun("a", row("a", { method })), status });
  assert.match(words.whyNotMoved(run("running", "record"), { isAnalysed: true }), /once the run is over/);
  assert.match(words.whyNotMoved(run("finished", "plain"), { isAnalysed: false }), /looks for no object/);
  assert.match(words.whyNotMoved(run("finished", "record"), { isAnalysed: false }), /Without the correction/);
  assert.equal(words.whyNotMoved(run("finished", "record"), { isAnalysed: true }), "");
});

test("replicas are counted in words", () => {
  assert.equal(words.replicasWords({ running: 1, starting: 0, stopping: 0 }), " · 1 replica");
  assert.equal(
    words.replicasWords({ running: 2, starting: 1, stopping: 1 }),
    " · 2 replicas, 1 starting, 1 stopping",
  );
});
