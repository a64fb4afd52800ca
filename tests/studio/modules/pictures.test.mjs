import assert from "node:assert/strict";
import { test } from "node:test";
import { dragged, grip, inWords, LEAST, moved, resized } from "../../../deployments/studio/static/box.js";
import { readMap } from "../../../deployments/studio/static/npy.js";
import { largestRegion, otsu, scaled } from "../../../deployments/studio/static/otsu.js";

const BOX = [0.2, 0.2, 0.6, 0.5];
const near = (found, wanted) => {
  for (const [at, value] of found.entries()) assert.ok(Math.abs(value - wanted[at]) < 1e-9);
};

test("a box stays inside the picture and never vanishes", () => {
  near(moved(BOX, 1, -1), [0.6, 0, 1, 0.3]);
  near(resized(BOX, -1, 1), [0.2, 0.2, 0.2 + LEAST, 1]);
});

test("a pointer takes a corner, the box, or paper", () => {
  near(dragged(grip(BOX, { x: 0.6, y: 0.5 }, 0.05), { x: 0.9, y: 0.9 }), [0.2, 0.2, 0.9, 0.9]);
  near(dragged(grip(BOX, { x: 0.4, y: 0.4 }, 0.05), { x: 0.5, y: 0.4 }), [0.3, 0.2, 0.7, 0.5]);
  near(dragged(grip(BOX, { x: 0.8, y: 0.8 }, 0.05), { x: 0.7, y: 0.9 }), [0.7, 0.8, 0.8, 0.9]);
  assert.equal(inWords(BOX), "20 to 60 % across, 20 to 50 % down");
});

test("Otsu tells two classes apart", () => {
  const threshold = otsu(scaled(Float32Array.from([1, 1, 1, 2, 9, 9, 10])));
  assert.ok(threshold > 1 / 9 && threshold < 8 / 9);
});

test("the mask is the largest region alone; corners join, the map's edges do not", () => {
  // biome-ignore format: a map of 4 by 4
  const map = Float32Array.from([
    1, 0, 0, 0,
    0, 1, 0, 1,
    0, 0, 0, 1,
    1, 0, 0, 1,
  ]);
  assert.deepEqual([...largestRegion(map, 4)], [7, 11, 15]);
});

test("a map is read as NumPy wrote it, and nothing else is", () => {
  const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n";
  const bytes = new Uint8Array(10 + header.length + 8);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, header.length, 0]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(Float32Array.from([0.5, 2]).buffer), 10 + header.length);
  const map = readMap(bytes.buffer);
  assert.deepEqual([map.rows, map.columns, ...map.values], [1, 2, 0.5, 2]);
  assert.throws(() => readMap(new ArrayBuffer(16)), /no .npy file/);
});
