/** The object's box, drawn by hand: with mouse, touch, or keys. */

import { cancelEditing, correct, edit, undoEdit } from "../actions/mend.js";
import { dragged, grip, inWords, moved, resized } from "../box.js";
import { html, useLayoutEffect, useRef } from "../vendor/preact.js";

/** @import { Editing } from "../types.js" */
/** @import { Grip } from "../box.js" */

const STEP = 0.01;
const REACH_PX = 22;
/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** @param {{editing: Editing}} props */
export function BoxEditor({ editing }) {
  const paper = useRef(/** @type {HTMLDivElement | null} */ (null));
  const held = useRef(/** @type {Grip | null} */ (null));
  useLayoutEffect(() => {
    paper.current?.focus();
    return () => setTimeout(comeBack);
  }, []);

  /** @param {PointerEvent} event */
  const at = (event) => {
    const area = /** @type {HTMLDivElement} */ (paper.current).getBoundingClientRect();
    return {
      x: (event.clientX - area.left) / area.width,
      y: (event.clientY - area.top) / area.height,
      of: area.width,
    };
  };
  /** @param {PointerEvent} event */
  const take = (event) => {
    paper.current?.setPointerCapture(event.pointerId);
    const point = at(event);
    held.current = grip(editing.box, point, REACH_PX / point.of);
    edit(editing.box, true);
  };
  /** @param {PointerEvent} event */
  const drag = (event) => held.current && edit(dragged(held.current, at(event)), false);
  const leave = () => {
    held.current = null;
  };
  return html`<div
    class="editor"
    ref=${paper}
    tabindex="0"
    role="application"
    aria-label="The object's box"
    aria-describedby="keys place"
    onPointerDown=${take}
    onPointerMove=${drag}
    onPointerUp=${leave}
    onPointerCancel=${leave}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => press(event, editing)}
  >
    <div class="box" style=${place(editing.box)}><i></i><i></i><i></i><i></i></div>
  </div>`;
}

/** The editor took the focus with it: back to what opened it, or on to the version that is being drawn. */
function comeBack() {
  if (document.activeElement !== document.body) return;
  (document.getElementById("move") ?? document.getElementById("about"))?.focus();
}

/**
 * @param {KeyboardEvent} event
 * @param {Editing} editing
 */
function press(event, editing) {
  const arrow = ARROWS[event.key];
  const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey);
  if (!arrow && !isUndo && event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  if (arrow) edit((event.shiftKey ? resized : moved)(editing.box, ...arrow), !event.repeat);
  else if (isUndo) undoEdit();
  else if (event.key === "Enter" && !event.repeat) correct();
  else if (event.key === "Escape") cancelEditing();
}

/** @param {import("../types.js").Box} box */
const place = ([x0, y0, x1, y1]) => ({
  left: `${100 * x0}%`,
  top: `${100 * y0}%`,
  width: `${100 * (x1 - x0)}%`,
  height: `${100 * (y1 - y0)}%`,
});

/** @param {{editing: Editing, isBusy: boolean}} props */
export function EditingButtons({ editing, isBusy }) {
  return html`<button type="button" class="main" onClick=${correct} disabled=${isBusy}>Correct</button>
    <button type="button" onClick=${undoEdit} disabled=${!editing.before.length}>Undo</button>
    <button type="button" onClick=${cancelEditing}>Cancel</button>
    <span id="place" class="hint" role="status">${inWords(editing.box)}</span>
    <span id="keys" class="hint keys">
      Drag the box or a corner, or draw a new one. Arrow keys move it, with Shift they resize it; Enter corrects,
      Escape cancels.
    </span>`;
}
