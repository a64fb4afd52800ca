import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, begin, json, refusal, row } from "./browser.mjs";

const { begin: learn, openRun, useKey } = await import("../../../deployments/studio/static/actions/page.js");
const { keepKey } = await import("../../../deployments/studio/static/api.js");

/** A service whose models are asked for in vain `times` times. */
function late(times, refuse) {
  let asks = 0;
  return (request) => {
    if (request === "GET openapi.json") {
      return json({ components: { schemas: { GenerationRequest: { properties: {} } } } });
    }
    asks += 1;
    return asks > times ? json({ data: [{ id: "record", settings: {} }] }) : refuse();
  };
}
const soon = { headers: { "Retry-After": "0.01" } };

for (const status of [404, 502, 503, 504]) {
  test(`a service that answers ${status} while it starts is asked again until it is there`, async () => {
    const page = begin(late(2, () => new Response("no route", { status, ...soon })));
    await learn();
    assert.equal(page.get().card.id, "record");
    assert.equal(page.get().problem, null);
  });
}

test("what is said already is not said again", async () => {
  const said = new Set();
  const page = begin(late(4, () => new Response("busy", { status: 502, ...soon })));
  page.subscribe((state) => state.problem && said.add(state.problem));
  await learn();
  assert.equal(said.size, 1);
});

test("a key is asked for in silence; one that does not fit is said", async () => {
  const page = begin(() => refusal(401, "invalid_api_key"));
  await learn();
  assert.deepEqual([page.get().needsKey, page.get().problem], [true, null]);
  await useKey("wrong");
  assert.equal(page.get().needsKey, true);
  assert.equal(page.get().problem.title, "That key does not fit");
});

test("a run is opened with its settings, its corrections and what it corrects", async () => {
  const rows = {
    a: row("a", { request: { prompt: "a man", steps: 9 } }),
    b: row("b", { parent: "a" }),
    c: row("c", { parent: "b" }),
  };
  const page = begin((request) => {
    const parent = /parent=(\w+)/.exec(request)?.[1];
    if (parent) return json({ data: Object.values(rows).filter((one) => one.parent === parent) });
    if (request.endsWith("/events")) return refusal(404, "run_not_found");
    return json(rows[request.at(-1)]);
  });
  page.set({ card: { settings: { steps: 50 } } });
  location.hash = "#run=b";
  await openRun("b");
  assert.deepEqual(page.get().versions, ["a", "b", "c"]);
  assert.deepEqual(page.get().given, { steps: 9 });
});

test("a correction is opened though what it corrects is gone", async () => {
  const page = begin((request) => {
    if (/parent=/.test(request)) return json({ data: [] });
    return request === "GET v1/runs/b" ? json(row("b", { parent: "a" })) : refusal(404, "run_not_found");
  });
  page.set({ card: { settings: {} } });
  location.hash = "#run=b";
  await openRun("b");
  assert.deepEqual([page.get().versions, page.get().shown, page.get().problem], [["b"], "b", null]);
});

test("the key goes with every request", async () => {
  const keys = [];
  begin((request, init) => {
    keys.push(init.headers.Authorization);
    return late(0)(request);
  });
  keepKey("rk-1");
  await learn();
  assert.deepEqual(keys, ["Bearer rk-1", "Bearer rk-1"]);
  assert.equal(asked.length, 2);
});
