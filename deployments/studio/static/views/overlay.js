/** What was seen in the candidate, drawn over it: the body's pose, boxes, attention. */

import { artefact, open } from "../api.js";
import { readMap } from "../npy.js";
import { largestRegion, scaled } from "../otsu.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";

/** @import { Box, Layer, Story } from "../types.js" */

/** Bones between MediaPipe's 33 points. */
const BONES = [
  [11, 12],
  [11, 13],
  [13, 15],
  [12, 14],
  [14, 16],
  [11, 23],
  [12, 24],
  [23, 24],
  [23, 25],
  [25, 27],
  [24, 26],
  [26, 28],
  [27, 31],
  [28, 32],
];
const VISIBLE = 0.3;

/** @param {{story: Story, seen: Record<Layer, boolean>}} props */
export function Seen({ story, seen }) {
  return html`<svg class="over" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
    ${seen.person && story.person && html`<${Outline} box=${story.person} kind="person" />`}
    ${seen.pose && story.keypoints && html`<${Skeleton} points=${story.keypoints} />`}
    ${seen.found && story.found && html`<${Outline} box=${story.found} kind="found" />`}
    ${seen.proposed && story.proposed && html`<${Outline} box=${story.proposed} kind="proposed" />`}
  </svg>`;
}

/** @param {{box: Box, kind: string}} props */
function Outline({ box: [x0, y0, x1, y1], kind }) {
  return html`<rect class=${kind} x=${100 * x0} y=${100 * y0} width=${100 * (x1 - x0)} height=${100 * (y1 - y0)} rx="1" />`;
}

/** @param {{points: number[][]}} props */
function Skeleton({ points }) {
  /** @param {number | undefined} index */
  const at = (index) => {
    const [x = 0, y = 0, visible = 0] = points[index ?? 0] ?? [];
    return visible > VISIBLE ? [100 * x, 100 * y] : null;
  };
  const bones = BONES.map(([a, b]) => [at(a), at(b)]).filter(([a, b]) => a && b);
  const joints = [0, ...new Set(BONES.flat())].map(at).filter((one) => one !== null);
  return html`<g class="pose">
    ${bones.map(([a, b]) => html`<line x1=${a?.[0]} y1=${a?.[1]} x2=${b?.[0]} y2=${b?.[1]} />`)}
    ${joints.map(([x, y]) => html`<circle cx=${x} cy=${y} r="1.1" />`)}
  </g>`;
}

/** @param {{run: string, name: string, layer: "map" | "mask"}} props */
export function Attention({ run, name, layer }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const ends = new AbortController();
    open(artefact(run, name), { signal: ends.signal })
      .then((response) => response.arrayBuffer())
      .then((bytes) => canvas.current && paint(canvas.current, readMap(bytes), layer))
      .catch((cause) => ends.signal.aborted || setFailed(String(cause)));
    return () => ends.abort();
  }, [run, name, layer]);
  return html`<canvas ref=${canvas} class="over ${layer}" aria-hidden="true"></canvas>
    ${failed && html`<p class="failed">The attention map cannot be shown. ${failed}</p>`}`;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{rows: number, columns: number, values: Float32Array}} map
 * @param {"map" | "mask"} layer
 */
function paint(canvas, map, layer) {
  [canvas.width, canvas.height] = [map.columns, map.rows];
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = pen.createImageData(map.columns, map.rows);
  const values = scaled(map.values);
  const region = largestRegion(values, map.columns);
  values.forEach((value, cell) => {
    image.data.set(
      layer === "map" ? heat(value) : region.has(cell) ? [255, 77, 79, 150] : [0, 0, 0, 90],
      4 * cell,
    );
  });
  pen.putImageData(image, 0, 0);
}

/** From clear over violet and orange to yellow. @param {number} value */
const heat = (value) => [
  255 * Math.min(1, 0.25 + 1.3 * value),
  255 * Math.max(0, 1.5 * value - 0.45),
  255 * Math.max(0, 0.55 - Math.abs(value - 0.35) * 1.3),
  255 * Math.min(0.85, 0.08 + 1.1 * value),
];
