/** Boxes that are drawn, dragged and resized; all are x0, y0, x1, y1 in 0..1. Pure functions. */

/** @import { Box } from "./types.js" */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{fixed: Point} | {from: Point, box: Box}} Grip  a corner that stays, or a box that moves */

export const LEAST = 0.04;
/** @type {Box} */
export const MIDDLE = [0.35, 0.35, 0.65, 0.65];

/** @param {number} value @param {number} low @param {number} high */
const within = (value, low, high) => Math.min(high, Math.max(low, value));

/**
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
export function moved([x0, y0, x1, y1], dx, dy) {
  const right = within(dx, -x0, 1 - x1);
  const down = within(dy, -y0, 1 - y1);
  return [x0 + right, y0 + down, x1 + right, y1 + down];
}

/**
 * With another lower right corner.
 * @param {Box} box
 * @param {number} dx
 * @param {number} dy
 * @returns {Box}
 */
export function resized([x0, y0, x1, y1], dx, dy) {
  return [x0, y0, within(x1 + dx, Math.min(1, x0 + LEAST), 1), within(y1 + dy, Math.min(1, y0 + LEAST), 1)];
}

/**
 * What a pointer takes hold of: a corner, the box, or paper on which a new box begins.
 * @param {Box} box
 * @param {Point} at
 * @param {number} reach  how near a corner is near
 * @returns {Grip}
 */
export function grip(box, at, reach) {
  const [x0, y0, x1, y1] = box;
  for (const [x, y, fx, fy] of /** @type {Box[]} */ ([
    [x0, y0, x1, y1],
    [x1, y0, x0, y1],
    [x0, y1, x1, y0],
    [x1, y1, x0, y0],
  ])) {
    if (Math.hypot(at.x - x, at.y - y) < reach) return { fixed: { x: fx, y: fy } };
  }
  const isInside = at.x > x0 && at.x < x1 && at.y > y0 && at.y < y1;
  return isInside ? { from: at, box } : { fixed: at };
}

/**
 * @param {Grip} held
 * @param {Point} at
 * @returns {Box}
 */
export function dragged(held, at) {
  if ("box" in held) return moved(held.box, at.x - held.from.x, at.y - held.from.y);
  const [x0, x1] = span(held.fixed.x, within(at.x, 0, 1));
  const [y0, y1] = span(held.fixed.y, within(at.y, 0, 1));
  return [x0, y0, x1, y1];
}

/**
 * From one end to the other, never too short, inside 0..1.
 * @param {number} fixed
 * @param {number} free
 * @returns {[number, number]}
 */
function span(fixed, free) {
  const low = within(Math.min(fixed, free), 0, 1 - LEAST);
  return [low, within(Math.max(fixed, free), low + LEAST, 1)];
}

/** @param {Box} box */
export const rounded = (box) => /** @type {Box} */ (box.map((value) => Math.round(value * 1e4) / 1e4));

/** @param {Box} box */
export function inWords([x0, y0, x1, y1]) {
  const [left, top, right, bottom] = [x0, y0, x1, y1].map((value) => Math.round(value * 100));
  return `${left} to ${right} % across, ${top} to ${bottom} % down`;
}
