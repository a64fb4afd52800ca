import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, begin, FINISHED, json, promised, row, settled, stream } from "./browser.mjs";

const { generate, stop } = await import("../../../deployments/studio/static/actions/page.js");
const { compare, stopComparing } = await import("../../../deployments/studio/static/actions/grid.js");
const { correct, drawPlain, plainOf, startEditing } = await import(
  "../../../deployments/studio/static/actions/mend.js"
);
const { emptyRun, emptyStory } = await import("../../../deployments/studio/static/run.js");

const posts = () => asked.filter((one) => one.startsWith("POST"));

/** Accepts runs a, b, c ... that end at once, or stay open. */
function service({ open = false, accepted = () => undefined } = {}) {
  let made = 0;
  return async (request, init) => {
    if (request.startsWith("POST")) {
      const id = `run-${++made}`;
      await accepted(id);
      return json(row(id, { request: JSON.parse(init.body) }), 202);
    }
    if (request.endsWith("/events")) return stream(init, open ? [] : [[1, FINISHED]], { open });
    return json(row(/runs\/([^/?]+)/.exec(request)?.[1] ?? ""));
  };
}

test("a run is asked for once, however often Generate is pressed meanwhile", async () => {
  const page = begin(service());
  page.set({ prompt: "a man is kicking a ball" });
  await Promise.all([generate(), generate(), generate()]);
  assert.equal(posts().length, 1);
  assert.equal(page.get().isBusy, false);
});

test("what is accepted late is not shown to somebody who has gone elsewhere", async () => {
  const slow = promised();
  const page = begin(service({ accepted: () => slow.promise }));
  page.set({ prompt: "a man is kicking a ball" });
  const asking = generate();
  location.hash = "#history";
  page.set({ view: "history" });
  slow.keep();
  await asking;
  assert.equal(page.get().view, "history");
});

test("Stop removes no picture that is ready meanwhile", async () => {
  const page = begin(service({ open: true }));
  page.set({ prompt: "a man is kicking a ball" });
  await generate();
  await stop();
  assert.equal(asked.at(-1), "DELETE v1/runs/run-1?keep=true");
  page.set({ shown: "", versions: [] });
});

test("a request whose answer is lost is sent once more under the same key", async () => {
  const keys = [];
  const answer = service();
  const page = begin((request, init) => {
    if (!request.startsWith("POST")) return answer(request, init);
    keys.push(init.headers["Idempotency-Key"]);
    if (keys.length === 1) throw new TypeError("Failed to fetch");
    return answer(request, init);
  });
  page.set({ prompt: "a man is kicking a ball" });
  await generate();
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal(page.get().shown, "run-1");
});

test("a grid draws each cell once, a few at a time", async () => {
  const page = begin(service());
  await compare("a man is kicking a ball", ["record", "plain"], [0, 1, 2], {});
  assert.equal(posts().length, 6);
  assert.ok(page.get().grid.cells.every((cell) => page.get().runs[cell.run].status === "finished"));
});

test("a comparison that was stopped draws nothing of the next one", async () => {
  const page = begin(service({ open: true }));
  const first = compare("a man is kicking a ball", ["record", "plain"], [0, 1], {});
  await settled();
  assert.equal(posts().length, 3);
  await stopComparing();
  const second = compare("a man is kicking a ball", ["record", "plain"], [0, 1, 2], {});
  await settled();
  await first;
  assert.equal(posts().length, 6);
  await stopComparing();
  await second;
  assert.equal(page.get().grid.isGoing, false);
});

test("a cell that is accepted after Stop is stopped as well", async () => {
  const slow = promised();
  begin(service({ open: true, accepted: () => slow.promise }));
  const going = compare("a man is kicking a ball", ["record"], [0], {});
  await stopComparing();
  slow.keep();
  await going;
  assert.ok(asked.includes("DELETE v1/runs/run-1?keep=true"));
});

/** A finished run and its correction, whose candidate has a seed. */
function family(page) {
  const story = { ...emptyStory(), chosen: 1, isAnalysed: true, image: "0/image.png" };
  story.candidates = [5, 6].map((seed, index) => ({ ...blank, index, seed }));
  const run = (id, more) => ({ ...emptyRun(id, row(id, more)), status: "finished", stories: [story] });
  const later = { ...run("b", { parent: "a" }) };
  later.stories = [{ ...story, chosen: 0, candidates: [{ ...blank, seed: 6 }] }];
  const first = run("a", { request: { prompt: "a man", preset: "paper", steps: 9, candidates: 2 } });
  page.set({ runs: { a: first, b: later }, versions: ["a", "b"], shown: "a" });
}
const blank = { index: 0, step: 1, steps: 1, preview: null, image: "x", map: null };

test("the plain sample is drawn once for a picture and its corrections, with the run's preset", async () => {
  const bodies = [];
  const answer = service();
  const page = begin((request, init) => {
    if (request.startsWith("POST")) bodies.push(JSON.parse(init.body));
    return answer(request, init);
  });
  family(page);
  await Promise.all([drawPlain(), drawPlain()]);
  page.set({ shown: "b" });
  await drawPlain();
  assert.deepEqual(bodies, [{ prompt: "a man", preset: "paper", steps: 9, method: "plain", seed: 6 }]);
  assert.equal(plainOf(page.get())?.id, "run-1");
});

test("a correction that is accepted late stays in its family and takes nobody away", async () => {
  const slow = promised();
  const page = begin(service({ accepted: () => slow.promise }));
  family(page);
  startEditing();
  const asking = correct();
  page.set({ shown: "b" });
  slow.keep();
  await asking;
  assert.equal(page.get().shown, "b");
  assert.deepEqual(page.get().versions, ["a", "b", "run-1"]);
});
