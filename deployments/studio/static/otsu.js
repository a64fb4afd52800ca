/** Otsu's threshold, as the service finds the object in its attention map. */

const BINS = 256;

/**
 * The values scaled to 0..1; all 0 where they are flat.
 * @param {Float32Array} values
 * @returns {Float32Array}
 */
export function scaled(values) {
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  return values.map((value) => (range > 0 ? (value - low) / range : 0));
}

/**
 * The threshold that tells values in 0..1 apart best: the most variance between the two classes.
 * @param {Float32Array} values  scaled to 0..1
 * @returns {number}
 */
export function otsu(values) {
  const counts = new Array(BINS).fill(0);
  for (const value of values) counts[Math.min(BINS - 1, Math.floor(value * BINS))]++;
  const centre = (/** @type {number} */ bin) => (bin + 0.5) / BINS;
  const total = counts.reduce((sum, count, bin) => sum + count * centre(bin), 0);
  let [below, sumBelow, best, threshold] = [0, 0, -1, 0];
  for (let bin = 0; bin < BINS - 1; bin++) {
    below += counts[bin];
    sumBelow += counts[bin] * centre(bin);
    const above = values.length - below;
    if (!below || !above) continue;
    const apart = sumBelow / below - (total - sumBelow) / above;
    const variance = below * above * apart * apart;
    if (variance > best) [best, threshold] = [variance, centre(bin)];
  }
  return threshold;
}

/**
 * The largest region of values above the threshold, as the service takes it for the object; cells that
 * touch at a corner belong together, and of equals the first in reading order is taken.
 * @param {Float32Array} values  scaled to 0..1, row by row
 * @param {number} columns
 * @returns {Set<number>} its cells
 */
export function largestRegion(values, columns) {
  const threshold = otsu(values);
  const free = new Set([...values.keys()].filter((cell) => /** @type {number} */ (values[cell]) > threshold));
  /** @type {Set<number>} */
  let best = new Set();
  for (const start of [...free]) {
    if (!free.delete(start)) continue;
    const region = new Set([start]);
    for (const cell of region) {
      for (const near of around(cell, columns)) if (free.delete(near)) region.add(near);
    }
    if (region.size > best.size) best = region;
  }
  return best;
}

/** The cells that touch one, some above or below the map. @param {number} cell @param {number} columns */
function around(cell, columns) {
  const column = cell % columns;
  const sides = [-1, 0, 1].filter((side) => column + side >= 0 && column + side < columns);
  return [-columns, 0, columns].flatMap((line) => sides.map((side) => cell + line + side));
}
