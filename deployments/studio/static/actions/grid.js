/** One sentence by several methods and seeds: a grid that fills, a few runs at a time. */

import { ApiError } from "../api.js";
import { isOver } from "../run.js";
import { store } from "../store.js";
import { problemOf } from "../words.js";
import { fail, trying } from "./asking.js";
import { asked, stopRun } from "./runs.js";

/** @import { Cell, Grid, Settings, State } from "../types.js" */

/** Runs of the grid that are drawn at once. */
const AT_ONCE = 3;

/**
 * Draw one sentence by several methods and seeds.
 * @param {string} prompt
 * @param {string[]} methods
 * @param {number[]} seeds
 * @param {Settings} given  settings that all share
 */
export async function compare(prompt, methods, seeds, given) {
  const cells = seeds.flatMap((seed) => methods.map((method) => ({ method, seed, run: "", trouble: "" })));
  const id = (store.get().grid?.id ?? 0) + 1;
  /** @type {Grid} */
  const grid = { id, prompt, methods, seeds, cells, isGoing: true };
  store.set({ grid, problem: null });
  const waiting = [...cells.keys()];
  const drawer = async () => {
    for (let at = waiting.shift(); at !== undefined && isGoing(id); at = waiting.shift())
      await fill(id, at, given);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drawer));
  change(id, { isGoing: false });
}

/** Stop the comparison, and what is drawn for it. */
export async function stopComparing() {
  const { grid, runs } = store.get();
  if (!grid) return;
  change(grid.id, { isGoing: false });
  const going = grid.cells.map((cell) => runs[cell.run]).filter((run) => run !== undefined && !isOver(run));
  await trying(() => Promise.all(going.map((run) => stopRun(run?.id ?? ""))));
}

/** @param {number} id */
const isGoing = (id) => store.get().grid?.id === id && store.get().grid?.isGoing === true;

/**
 * @param {number} id  the grid's
 * @param {number} at
 * @param {Settings} given
 */
async function fill(id, at, given) {
  const { grid } = store.get();
  const cell = grid?.cells[at];
  if (!grid || !cell) return;
  try {
    const row = await asked({ ...given, prompt: grid.prompt, method: cell.method, seed: cell.seed });
    set(id, at, { run: row.id });
    if (isGoing(id)) await store.until((state) => !isGoing(id) || isOver(runOf(state, row.id)));
    else await stopRun(row.id);
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 401) fail(cause);
    set(id, at, { trouble: problemOf(cause).detail });
  }
}

/** @param {State} state @param {string} run */
const runOf = ({ runs }, run) => /** @type {import("../types.js").RunView} */ (runs[run]);

/** @param {number} id @param {Partial<Grid>} changes */
function change(id, changes) {
  const { grid } = store.get();
  if (grid?.id === id) store.set({ grid: { ...grid, ...changes } });
}

/** @param {number} id @param {number} at @param {Partial<Cell>} changes */
function set(id, at, changes) {
  const cells = store.get().grid?.cells ?? [];
  change(id, { cells: cells.map((cell, index) => (index === at ? { ...cell, ...changes } : cell)) });
}
