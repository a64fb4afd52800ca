/** Which runs are followed: a function of the state, carried out after every change of it. */

import { ApiError, get } from "../api.js";
import { follow } from "../events.js";
import { emptyRun, isOver, told } from "../run.js";
import { store } from "../store.js";
import { problemOf } from "../words.js";
import { fail, trying } from "./asking.js";
import { keep } from "./runs.js";

/** @import { Link, State, Told } from "../types.js" */

/** Each holds a connection, of which browsers keep six to a host for all their tabs. */
const MOST = 3;

/** @type {Map<string, AbortController>} */
const following = new Map();

/**
 * The runs whose news matter now, those that are looked at first; the others' wait in the service.
 * @param {State} state
 * @returns {Set<string>}
 */
export function wanted({ view, needsKey, runs, shown, versions, plain, grid }) {
  if (needsKey) return new Set();
  const family = `${versions[0]}/`;
  const beside = Object.entries(plain).flatMap(([of, id]) => (of.startsWith(family) ? id : []));
  const looked = [shown, ...beside, ...versions];
  const cells = grid?.cells.map((cell) => cell.run) ?? [];
  const order = view === "compare" ? [...cells, ...looked] : [...looked, ...cells];
  const going = order.filter((id) => runs[id] && !isOver(runs[id]));
  return new Set([...new Set(going)].slice(0, MOST));
}

/**
 * Follow what is wanted from the last event heard on, and nothing else.
 * @param {State} state
 */
export function tend(state) {
  const ids = wanted(state);
  for (const [id, ends] of following) {
    if (ids.has(id)) continue;
    following.delete(id);
    ends.abort();
  }
  for (const id of ids) if (!following.has(id)) watch(id);
}

/** @param {string} id */
async function watch(id) {
  const ends = new AbortController();
  following.set(id, ends);
  const last = store.get().runs[id]?.last ?? 0;
  try {
    await follow(
      id,
      last,
      (event, number) => hear(id, event, number),
      (link) => say(id, link),
      ends.signal,
    );
    if (!ends.signal.aborted) await trying(() => refresh(id));
  } catch (cause) {
    giveUp(id, cause);
  } finally {
    if (store.get().links[id] === "lost") say(id, "well");
    if (following.get(id) === ends) following.delete(id);
    tend(store.get());
  }
}

/** @param {string} id @param {unknown} cause */
function giveUp(id, cause) {
  if (cause instanceof ApiError && cause.status === 401) fail(cause);
  else keep({ ...runOf(id), status: "failed", error: { message: problemOf(cause).detail } });
}

/** @param {string} id */
const runOf = (id) => store.get().runs[id] ?? emptyRun(id);

/**
 * @param {string} id
 * @param {Told} event
 * @param {number} number
 */
function hear(id, event, number) {
  const before = runOf(id);
  const after = told(before, event, number);
  keep(after);
  if (after.attempt > before.attempt && before.stories.length) say(id, "anew");
}

/** @param {string} id @param {Link} link */
export function say(id, link) {
  store.set({ links: { ...store.get().links, [id]: link } });
}

/** @param {string} id */
async function refresh(id) {
  const row = await get(`v1/runs/${id}`);
  keep({ ...runOf(id), row });
}
