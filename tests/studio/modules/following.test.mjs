import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, begin, FINISHED, json, promised, refusal, row, settled, stream } from "./browser.mjs";

const { openRun, readHash, useKey } = await import("../../../deployments/studio/static/actions/page.js");
const { wanted } = await import("../../../deployments/studio/static/actions/following.js");
const { emptyRun } = await import("../../../deployments/studio/static/run.js");

const IS_EVENTS = /events$/;
const count = (request) => asked.filter((one) => one === request).length;

/** Runs by id, each with its events' answer. */
function service(events, rows = {}) {
  return (request, init) => {
    const [, id = "", rest = ""] = /v1\/runs\/([^/?]+)(.*)$/.exec(request) ?? [];
    if (rest === "/events") return events(id, init);
    if (id) return json(rows[id] ?? row(id));
    return json({ data: [], has_more: false });
  };
}

async function open(id) {
  location.hash = `#run=${id}`;
  await openRun(id);
}

test("a run that is over is not followed again", async () => {
  const page = begin(
    service((_id, init) =>
      stream(init, [
        [1, { event: "pose.selected", index: 0, poses: [], reason: "" }],
        [2, FINISHED],
      ]),
    ),
  );
  await open("a");
  await page.until((state) => state.runs.a?.status === "finished");
  await open("b");
  await page.until((state) => state.runs.b?.status === "finished");
  await open("a");
  await settled();
  assert.equal(count("GET v1/runs/a/events"), 1);
  assert.notEqual(page.get().links.a, "lost");
});

test("a proxy's own 404 is no end: the run is followed on", async () => {
  let times = 0;
  const page = begin(
    service((_id, init) => {
      times += 1;
      return times === 1 ? new Response("no route", { status: 404 }) : stream(init, [[1, FINISHED]]);
    }),
  );
  await open("a");
  await page.until((state) => state.links.a === "lost");
  await page.until((state) => state.runs.a?.status === "finished");
  assert.equal(page.get().problem, null);
});

test("a run that is gone ends, is said, and is not lost for ever", async () => {
  const page = begin(service(() => refusal(404, "run_not_found", "run a is unknown")));
  await open("a");
  await page.until((state) => state.runs.a?.error !== null);
  await settled();
  assert.equal(count("GET v1/runs/a/events"), 1);
  assert.match(page.get().runs.a.error.message, /not kept here/);
});

test("only what is looked at is followed, and left and resumed from where it was", async () => {
  const froms = [];
  const page = begin(
    service((id, init) => {
      froms.push([id, init.headers["Last-Event-ID"]]);
      return stream(init, [[7, { event: "degraded", stage: "look", reason: "" }]], { open: true });
    }),
  );
  for (const id of ["a", "b", "c", "d", "e", "f", "g", "a"]) {
    await open(id);
    await page.until((state) => state.runs[id]?.last === 7);
    await settled();
  }
  assert.deepEqual(froms.at(-1), ["a", "7"]);
  assert.equal(page.get().runs.a.events.length, 2);
  page.set({ shown: "", versions: [] });
  await settled();
});

test("few streams at once, those that are looked at first", () => {
  const state = begin(() => refusal(500, "none")).get();
  const ids = ["a", "b", "c", "d", "e"];
  const runs = Object.fromEntries(ids.map((id) => [id, emptyRun(id)]));
  const cells = ["d", "e", "c"].map((run) => ({ method: "plain", seed: 0, run, trouble: "" }));
  const now = { ...state, runs, shown: "b", versions: ["a", "b"], grid: { id: 1, cells, isGoing: true } };
  assert.deepEqual([...wanted(now)], ["b", "a", "d"]);
  assert.deepEqual([...wanted({ ...now, view: "compare" })], ["d", "e", "c"]);
  assert.deepEqual([...wanted({ ...now, needsKey: true })], []);
});

test("a key that ends in mid-run is asked for, and the run followed on with the next", async () => {
  let isKnown = false;
  const page = begin((request, init) => {
    if (!isKnown && IS_EVENTS.test(request)) return refusal(401, "invalid_api_key");
    if (request === "GET v1/models") return json({ data: [{ id: "record", settings: {} }] });
    if (request === "GET openapi.json")
      return json({ components: { schemas: { GenerationRequest: { properties: {} } } } });
    return service((_id, init) => stream(init, [[1, FINISHED]]))(request, init);
  });
  await open("a");
  await page.until((state) => state.needsKey);
  isKnown = true;
  await useKey("another");
  await page.until((state) => state.runs.a?.status === "finished");
});

test("a slow answer does not take the place of what was opened after it", async () => {
  const slow = promised();
  const page = begin((request, init) => {
    if (request === "GET v1/runs/a") return slow.promise;
    return service((_id, init) => stream(init, [[1, FINISHED]]))(request, init);
  });
  location.hash = "#run=a";
  const first = readHash();
  location.hash = "#run=b";
  await readHash();
  slow.keep(json(row("a")));
  await first;
  assert.equal(page.get().shown, "b");
});
