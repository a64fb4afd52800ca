/** Runs that are accepted and followed. */

import { get, post } from "../api.js";
import { follow } from "../events.js";
import { emptyRun, told } from "../run.js";
import { store } from "../store.js";
import { fail, trying } from "./asking.js";

/** @import { Row, RunView, Settings, Told } from "../types.js" */

/** @type {Map<string, AbortController>} */
const following = new Map();

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
 * The same, followed; what goes wrong becomes a message.
 * @param {string} path
 * @param {Settings} body
 * @returns {Promise<Row | undefined>}
 */
export async function accept(path, body) {
  const row = await trying(() => asked(body, path));
  if (row) watch(row.id);
  return row;
}

/** @param {RunView} run */
export function keep(run) {
  store.set({ runs: { ...store.get().runs, [run.id]: run } });
}

/**
 * Follow a run until it is over; a second call changes nothing.
 * @param {string} id
 * @returns {Promise<void>}
 */
export async function watch(id) {
  if (following.has(id)) return;
  const ends = new AbortController();
  following.set(id, ends);
  const before = store.get().runs[id];
  try {
    await follow(id, before?.last ?? 0, (event, number) => hear(id, event, number), onLink, ends.signal);
    if (!ends.signal.aborted) await refresh(id);
  } catch (cause) {
    fail(cause);
  } finally {
    following.delete(id);
  }
}

/**
 * @param {string} id
 * @param {Told} event
 * @param {number} number
 */
function hear(id, event, number) {
  const before = store.get().runs[id] ?? emptyRun(id);
  const after = told(before, event, number);
  keep(after);
  if (after.attempt > before.attempt && before.stories.length) store.set({ link: "anew" });
}

/** @param {"lost" | "back"} link */
function onLink(link) {
  store.set({ link });
}

/** @param {string} id */
async function refresh(id) {
  const row = await get(`v1/runs/${id}`);
  const run = store.get().runs[id];
  if (run) keep({ ...run, row });
}
