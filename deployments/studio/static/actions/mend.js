/** Moving the object by hand: a box, a correction, the versions that come of it. */

import { MIDDLE, rounded } from "../box.js";
import { isOver } from "../run.js";
import { store } from "../store.js";
import { pictureIn } from "../versions.js";
import { accept } from "./runs.js";

/** @import { Box, RunView, State } from "../types.js" */

const MOST_UNDONE = 50;
/** What the plain sample has from the run's request; the seed is the candidate's. */
const SHARED = ["prompt", "triplet", "preset", "steps", "guidance_scale"];

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
 * @param {Box} box
 * @param {boolean} isNew  a change of its own, to be undone alone
 */
export function edit(box, isNew) {
  const { editing } = store.get();
  if (!editing) return;
  const before = isNew ? [...editing.before, editing.box].slice(-MOST_UNDONE) : editing.before;
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
  if (!editing || !run) return;
  const row = await accept(`v1/runs/${run.id}/corrections`, { box: rounded(editing.box), picture });
  const { versions, shown: now } = store.get();
  if (!row || !versions.includes(run.id)) return;
  store.set({ versions: [...versions, row.id] });
  if (now === run.id) look(row.id);
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
  const picture = pictureIn(store.get(), id);
  store.set({ shown: id, trail, editing: null, picture, problem: null });
  history.replaceState(null, "", `#run=${id}`);
}

/** The key of a family's plain sample in the state. @param {State} state @param {number} seed */
const plainKey = ({ versions }, seed) => `${versions[0]}/${seed}`;

/**
 * The seed of the picture that is looked at; corrections keep it.
 * @param {State} state
 */
function seedOf(state) {
  const { runs, shown, versions, picture, card } = state;
  const story = runs[shown]?.stories[picture];
  const asked = runs[versions[0] ?? ""]?.row?.request.seed ?? card?.settings.seed ?? 0;
  return story?.candidates[story.chosen ?? 0]?.seed ?? Number(asked);
}

/**
 * The plain sample of what is looked at, if it was asked for.
 * @param {State} state
 * @returns {RunView | undefined}
 */
export const plainOf = (state) => state.runs[state.plain[plainKey(state, seedOf(state))] ?? ""];

/** Draw the plain sample of the same seed, once for a picture and its corrections. */
export async function drawPlain() {
  const state = store.get();
  const known = plainOf(state);
  if (known && (!isOver(known) || known.status === "finished")) return;
  const first = state.runs[state.versions[0] ?? ""]?.row;
  const request = first?.request ?? {};
  const kept = Object.fromEntries(SHARED.flatMap((name) => (name in request ? [[name, request[name]]] : [])));
  const seed = seedOf(state);
  const row = await accept("v1/runs", { prompt: first?.prompt, ...kept, method: "plain", seed });
  if (row) store.set({ plain: { ...store.get().plain, [plainKey(state, seed)]: row.id } });
}
