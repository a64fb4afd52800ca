/** Moving the object by hand: a box, a correction, the versions that come of it. */

import { MIDDLE, rounded } from "../box.js";
import { isOver } from "../run.js";
import { store } from "../store.js";
import { accept } from "./runs.js";

/** @import { Box, RunView } from "../types.js" */

const MOST_UNDONE = 50;

/** The run that is looked at, and its story. */
function shown() {
  const { runs, shown, picture } = store.get();
  const run = runs[shown];
  return { run, story: run?.stories[picture] };
}

/** Draw a box over the version that is looked at, beginning with where the object is. */
export function startEditing() {
  const { story } = shown();
  store.set({ editing: { box: story?.proposed ?? story?.found ?? MIDDLE, before: [] } });
}

/**
 * @param {Box | null} box
 * @param {boolean} isNew  a change of its own, to be undone alone
 */
export function edit(box, isNew) {
  const { editing } = store.get();
  if (!editing) return;
  const before = isNew && editing.box ? [...editing.before, editing.box].slice(-MOST_UNDONE) : editing.before;
  store.set({ editing: { box, before } });
}

export function undoEdit() {
  const { editing } = store.get();
  const box = editing?.before.at(-1);
  if (editing && box) store.set({ editing: { box, before: editing.before.slice(0, -1) } });
}

export function cancelEditing() {
  store.set({ editing: null });
}

/** Draw the version again with its object in the box. */
export async function correct() {
  const { editing, picture } = store.get();
  const { run } = shown();
  if (!editing?.box || !run) return;
  const row = await accept(`v1/runs/${run.id}/corrections`, { box: rounded(editing.box), picture });
  if (!row) return;
  store.set({ editing: null, versions: [...store.get().versions, row.id] });
  look(row.id);
}

/**
 * Look at another version.
 * @param {string} id
 */
export function look(id) {
  const before = store.get();
  if (id === before.shown) return;
  go(id, [...before.trail, before.shown]);
}

/** Look at the version that was looked at before. */
export function undo() {
  const { trail } = store.get();
  const id = trail.at(-1);
  if (id) go(id, trail.slice(0, -1));
}

/** @param {string} id @param {string[]} trail */
function go(id, trail) {
  store.set({ shown: id, trail, editing: null, picture: 0, problem: null });
  history.replaceState(null, "", `#run=${id}`);
}

/**
 * The plain sample of the same seed, drawn once for a run.
 * @param {RunView} run
 * @param {number | null} seed
 */
export async function drawPlain(run, seed) {
  const { plain, runs, versions } = store.get();
  const family = versions.map((id) => plain[id]).find((id) => id && isUsable(runs[id]));
  if (family) {
    store.set({ plain: { ...plain, [run.id]: family } });
    return;
  }
  const first = runs[versions[0] ?? run.id]?.row?.request ?? {};
  const { steps, guidance_scale } = first;
  const body = {
    prompt: run.row?.prompt,
    method: "plain",
    seed: seed ?? first.seed ?? 0,
    steps,
    guidance_scale,
  };
  const row = await accept("v1/runs", body);
  if (row) store.set({ plain: { ...store.get().plain, [run.id]: row.id } });
}

/** @param {RunView | undefined} run */
const isUsable = (run) => run !== undefined && (!isOver(run) || run.status === "finished");
