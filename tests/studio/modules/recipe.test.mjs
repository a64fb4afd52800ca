import assert from "node:assert/strict";
import { test } from "node:test";
import { row } from "./browser.mjs";

const { chainOf, emptyRun } = await import("../../../deployments/studio/static/run.js");
const { recipes, requestOf } = await import("../../../deployments/studio/static/recipe.js");

const KNOWN = [
  "seed",
  "steps",
  "candidates",
  "corrections",
  "best_of",
  "look_again",
  "row_steps",
  "method",
  "preset",
];
const BOX = [0.1, 0.2, 0.3, 0.4];
const text = (request, name) =>
  recipes(request, "http://here:1", false).find((one) => one.name === name).text;

test("a correction is its candidate alone, corrected once into the last box", () => {
  const prompt = "a man is kicking a ball";
  const rows = [
    row("a", {
      request: { prompt, n: 2, seed: 5, candidates: 4, best_of: 2, row_steps: 900, stream: false },
    }),
    row("b", { parent: "a", request: { box: [0, 0, 1, 1], picture: 1, steps: 9 } }),
    row("c", { parent: "b", request: { box: BOX } }),
  ];
  const runs = Object.fromEntries(rows.map((one) => [one.id, emptyRun(one.id, one)]));
  const chain = chainOf(runs, "c");
  assert.deepEqual(
    chain.map((one) => one.id),
    ["a", "b", "c"],
  );
  assert.deepEqual(requestOf(chain, { number: 0, seed: 14, known: KNOWN }), {
    prompt,
    box: BOX,
    steps: 9,
    seed: 14,
    candidates: 1,
    corrections: 1,
    best_of: 1,
    look_again: false,
  });
});

test("one of several pictures is asked for by its own seed", () => {
  const order = { settings: [{ seed: 5 }, { seed: 9 }] };
  const first = row("a", { request: { prompt: "a man", n: 2, seed: 5 }, order });
  assert.deepEqual(requestOf([first], { number: 1, seed: 11, known: KNOWN }), { prompt: "a man", seed: 9 });
  assert.deepEqual(requestOf([first], { number: 0, seed: 6, known: KNOWN }), { prompt: "a man", seed: 5 });
});

test("the command line has its options, and what a shell would read otherwise is quoted", () => {
  const triplet = { subject: "old man", verb: "kicking", object: "ball" };
  const request = {
    prompt: "it's; a ball",
    triplet,
    box: BOX,
    preset: "paper",
    look_again: false,
    odd: "a b",
  };
  const said = text(request, "Command line");
  assert.match(said, /^record generate 'it'\\''s; a ball' -o picture.png --url http:\/\/here:1 /);
  assert.match(said, /--triplet 'old man,kicking,ball'/);
  assert.match(said, /--box 0.1,0.2,0.3,0.4/);
  assert.match(said, /--preset paper/);
  assert.match(said, /--set look_again=false/);
  assert.match(said, /--set 'odd=a b'/);
});

test("Python has Python's values", () => {
  const said = text(
    { prompt: 'a "man"', look_again: false, triplet: { subject: "man" }, box: BOX },
    "Python",
  );
  assert.match(said, /prompt="a \\"man\\""/);
  assert.match(said, /"look_again": False/);
  assert.match(said, /"triplet": \{"subject": "man"\}/);
});

test("a key is read from one place by all", () => {
  const all = recipes({ prompt: "a man" }, "http://here:1", true);
  assert.match(all[0].text, /\$RECORD_API_KEY/);
  assert.match(all[1].text, /os\.environ\["RECORD_API_KEY"\]/);
});
