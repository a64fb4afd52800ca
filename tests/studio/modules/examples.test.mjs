import assert from "node:assert/strict";
import { test } from "node:test";
import { example } from "../../../deployments/studio/static/examples.js";

test("a checkpoint that lists no words has examples as well", () => {
  const shown = [0, 1, 2, 3].map((one) => example({ subjects: [], verbs: [], objects: [] }, one));
  assert.equal(new Set(shown).size, 4);
  assert.equal(
    example({ subjects: ["man"], verbs: ["kicking"], objects: ["axe"] }, 0),
    "a man is kicking an axe",
  );
});
