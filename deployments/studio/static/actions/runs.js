/** Runs as they are asked for, kept and stopped. */

import { post, remove } from "../api.js";
import { emptyRun } from "../run.js";
import { store } from "../store.js";
import { trying } from "./asking.js";

/** @import { Row, RunView, Settings } from "../types.js" */

/**
 * Have a run accepted.
 * @param {Settings} body
 * @param {string} [path]
 * @returns {Promise<Row>}
 */
export async function asked(body, path = "v1/runs") {
  const row = await post(path, body);
  keep(emptyRun(row.id, row));
  return row;
}

/**
 * The same by a person: one at a time, and what goes wrong becomes a message.
 * @param {string} path
 * @param {Settings} body
 * @returns {Promise<Row | undefined>}
 */
export async function accept(path, body) {
  if (store.get().isBusy) return undefined;
  store.set({ isBusy: true });
  const row = await trying(() => asked(body, path));
  store.set({ isBusy: false });
  return row;
}

/** @param {RunView} run */
export function keep(run) {
  store.set({ runs: { ...store.get().runs, [run.id]: run } });
}

/**
 * Stop a run; one that is over meanwhile stays as it is.
 * @param {string} id
 */
export const stopRun = (id) => remove(`v1/runs/${id}?keep=true`);
