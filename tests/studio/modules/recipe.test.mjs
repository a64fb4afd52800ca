import assert from "node:assert/strict";
import { test } from "node:test";
import { row } from "./browser.mjs";

const { chainOf, emptyRun } = await import("../../../deployments/studio/static/run.js");
const { callOf } = await import("../../../deployments/studio/static/recipe.js");
const { scripts } = await import("../../../deployments/studio/static/scripts.js");

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
const text = (request, name, corrects = "") =>
  scripts({ corrects, request }, "http://here:1", false).find((one) => one.name === name).text;
const chained = (...rows) =>
  chainOf(Object.fromEntries(rows.map((one) => [one.id, emptyRun(one.id, one)])), rows.at(-1).id);

test("a correction is its candidate alone, corrected once into the last box", () => {
  const prompt = "a man is kicking a ball";
  const chain = chained(
    row("a", {
      request: { prompt, n: 2, steps: 9, seed: 5, candidates: 4, best_of: 2, row_steps: 900, stream: false },
    }),
    row("b", { parent: "a", request: { box: [0, 0, 1, 1], picture: 1 } }),
    row("c", { parent: "b", request: { box: BOX } }),
  );
  assert.deepEqual(
    chain.map((one) => one.id),
    ["a", "b", "c"],
  );
  assert.deepEqual(callOf(chain, { number: 0, seed: 14, known: KNOWN }), {
    corrects: "",
    request: {
      prompt,
      box: BOX,
      steps: 9,
      seed: 14,
      candidates: 1,
      corrections: 1,
      best_of: 1,
      look_again: false,
    },
  });
});

test("a correction in a way of its own, and all that follows it, corrects its run anew", () => {
  const which = { number: 0, seed: 14, known: KNOWN };
  const first = row("a", { request: { prompt: "a man", steps: 50 } });
  const own = row("b", { parent: "a", request: { box: BOX, picture: 1, steps: 9, stream: false } });
  const later = row("c", { parent: "b", request: { box: BOX } });
  assert.deepEqual(callOf(chained(first, own), which), {
    corrects: "a",
    request: { box: BOX, picture: 1, steps: 9 },
  });
  assert.deepEqual(callOf(chained(first, own, later), which), { corrects: "b", request: { box: BOX } });
});

test("another method's correction corrects its run anew, since it is told of the draft", () => {
  const rows = [row("a", { method: "lmd" }), row("b", { method: "lmd", parent: "a", request: { box: BOX } })];
  const call = callOf(chained(...rows), { number: 0, seed: 1, known: KNOWN });
  assert.deepEqual(call, { corrects: "a", request: { box: BOX } });
});

test("no call makes a correction of what is gone", () => {
  const chain = chained(row("b", { parent: "a", request: { box: BOX } }));
  assert.equal(callOf(chain, { number: 0, seed: 1, known: KNOWN }), null);
});

test("a correction is asked for, waited for and fetched", () => {
  const request = { box: BOX, picture: 1, steps: 9, look_again: false };
  const [curl, python, line] = ["curl", "Python", "Command line"].map((name) => text(request, name, "run-a"));
  assert.match(curl, /^RUN=\$\(curl -s http:\/\/here:1\/v1\/runs\/run-a\/corrections /);
  assert.match(curl, /\ncurl .*\/v1\/runs\/\$RUN\/events\n/);
  assert.match(curl, /\/v1\/runs\/\$RUN\/artefacts\/0\/image.png -o picture.png$/);
  assert.match(
    python,
    /correct\("run-a", box=\[0.1, 0.2, 0.3, 0.4\], picture=1, steps=9, look_again=False\)/,
  );
  assert.match(line, /^record correct run-a -o picture.png --url http:\/\/here:1 /);
  assert.match(line, /--picture 1 \\\n {2}--steps 9 \\\n {2}--set look_again=false$/);
});

test("one of several pictures is asked for by its own seed", () => {
  const order = { settings: [{ seed: 5 }, { seed: 9 }] };
  const first = row("a", { request: { prompt: "a man", n: 2, seed: 5 }, order });
  const asked = (number, seed) => callOf([first], { number, seed, known: KNOWN });
  assert.deepEqual(asked(1, 11), { corrects: "", request: { prompt: "a man", seed: 9 } });
  assert.deepEqual(asked(0, 6), { corrects: "", request: { prompt: "a man", seed: 5 } });
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
  const all = scripts({ corrects: "", request: { prompt: "a man" } }, "http://here:1", true);
  assert.match(all[0].text, /\$RECORD_API_KEY/);
  assert.match(all[1].text, /os\.environ\["RECORD_API_KEY"\]/);
  const [curl] = scripts({ corrects: "run-a", request: { box: BOX } }, "http://here:1", true);
  assert.equal(curl.text.match(/\$RECORD_API_KEY/g).length, 3);
});
