/** What the other views show: runs that were, a grid of methods, the service's state. */

import { ApiError, get, remove } from "../api.js";
import { isOver } from "../run.js";
import { store } from "../store.js";
import { problemOf } from "../words.js";
import { fail, trying } from "./asking.js";
import { asked, watch } from "./runs.js";

/** @import { Cell, Grid, Settings } from "../types.js" */

const PAGE = 24;
/** Runs of the grid that are drawn at once: each holds a connection, of which browsers keep six. */
const AT_ONCE = 3;

/**
 * A page of the history: the newest runs, or those after the ones that are there.
 * @param {boolean} isMore
 */
export async function loadHistory(isMore) {
  const { history } = store.get();
  const before = isMore ? `&before=${history.rows.at(-1)?.id}` : "";
  store.set({ history: { ...history, isLoading: true } });
  const page = await trying(() => get(`v1/runs?limit=${PAGE}${before}`));
  const rows = isMore ? history.rows : [];
  store.set({
    history: page
      ? { rows: [...rows, ...page.data], hasMore: page.has_more, isLoading: false }
      : { ...history, isLoading: false },
  });
}

/** Ask how the service is; that it cannot be reached is an answer too. */
export async function loadStatus() {
  try {
    store.set({ status: { ...(await get("v1/status")), isThere: true } });
  } catch {
    const { status } = store.get();
    store.set({ status: status && { ...status, isThere: false } });
  }
}

/**
 * Draw one sentence by several methods and seeds.
 * @param {string} prompt
 * @param {string[]} methods
 * @param {number[]} seeds
 * @param {Settings} given  settings that all share
 */
export async function compare(prompt, methods, seeds, given) {
  const cells = seeds.flatMap((seed) => methods.map((method) => ({ method, seed, run: "", trouble: "" })));
  /** @type {Grid} */
  const grid = { prompt, methods, seeds, cells, isGoing: true };
  store.set({ grid, problem: null });
  const waiting = [...cells.keys()];
  const drawer = async () => {
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      if (!store.get().grid?.isGoing) return;
      await fill(at, given);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drawer));
  change({ isGoing: false });
}

/** @param {Partial<Grid>} changes */
function change(changes) {
  const { grid } = store.get();
  if (grid) store.set({ grid: { ...grid, ...changes } });
}

/**
 * @param {number} at
 * @param {Settings} given
 */
async function fill(at, given) {
  const { grid } = store.get();
  const cell = grid?.cells[at];
  if (!grid || !cell) return;
  const body = { ...given, prompt: grid.prompt, method: cell.method, seed: cell.seed };
  try {
    const row = await asked(body);
    set(at, { run: row.id });
    await watch(row.id);
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 401) fail(cause);
    set(at, { trouble: problemOf(cause).detail });
  }
}

/** Stop the comparison, and what is drawn for it. */
export async function stopComparing() {
  const { grid, runs } = store.get();
  change({ isGoing: false });
  const going = (grid?.cells ?? []).map((cell) => runs[cell.run]).filter((run) => run && !isOver(run));
  await trying(() => Promise.all(going.map((run) => remove(`v1/runs/${run?.id}`))));
}

/** @param {number} at @param {Partial<Cell>} changes */
function set(at, changes) {
  const { grid } = store.get();
  if (!grid) return;
  change({ cells: grid.cells.map((cell, index) => (index === at ? { ...cell, ...changes } : cell)) });
}
