/** What people do: each changes the store, most by asking the service. */

import { ApiError, get, keepKey, post, remove } from "./api.js";
import { follow } from "./events.js";
import { fieldsOf } from "./fields.js";
import { emptyRun, isOver, told } from "./run.js";
import { store } from "./store.js";
import { problemOf } from "./words.js";

/** @import { Row, RunView, Settings, View } from "./types.js" */

/** @type {Map<string, AbortController>} */
const following = new Map();

/** Learn what is served. */
export async function begin() {
  await trying(async () => {
    const [models, openapi] = await Promise.all([get("v1/models"), get("openapi.json")]);
    const card = models.data[0];
    store.set({ card, fields: fieldsOf(openapi, card), needsKey: false });
  });
}

/**
 * Do something; what goes wrong becomes a message, and a missing key a question.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function trying(work) {
  try {
    return await work();
  } catch (cause) {
    fail(cause);
    return undefined;
  }
}

/** @param {unknown} cause */
export function fail(cause) {
  if (cause instanceof ApiError && cause.status === 401) store.set({ needsKey: true });
  else store.set({ problem: problemOf(cause) });
}

/** @param {string} key */
export async function useKey(key) {
  keepKey(key);
  store.set({ needsKey: false, problem: null });
  await begin();
  if (!store.get().needsKey) await readHash();
}

/** Draw the sentence. */
export async function generate() {
  const { prompt, given } = store.get();
  if (!prompt.trim()) {
    store.set({
      problem: { title: "Say who does what with what", detail: "The sentence is empty.", param: "prompt" },
    });
    return;
  }
  store.set({ problem: null });
  const row = await accept("v1/runs", { prompt: prompt.trim(), ...given });
  if (row) show([row.id], row.id);
}

/**
 * Have a run accepted and follow it.
 * @param {string} path
 * @param {Settings} body
 * @returns {Promise<Row | undefined>}
 */
export async function accept(path, body) {
  return trying(async () => {
    const row = await post(path, body);
    keep(emptyRun(row.id, row));
    watch(row.id);
    return row;
  });
}

/** @param {RunView} run */
function keep(run) {
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
 * @param {import("./types.js").Told} event
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

/** Stop the run that is looked at. */
export async function stop() {
  const run = store.get().runs[store.get().shown];
  if (run && !isOver(run)) await trying(() => remove(`v1/runs/${run.id}`));
}

/**
 * Look at one of some versions, and say so in the address.
 * @param {string[]} versions
 * @param {string} shown
 */
export function show(versions, shown) {
  store.set({ view: "studio", versions, shown, picture: 0, editing: null, trail: [], link: "well" });
  history.pushState(null, "", `#run=${shown}`);
}

/** Look at what the address names. */
export async function readHash() {
  const [name = "", value = ""] = location.hash.slice(1).split("=");
  if (name === "run" && value) await openRun(value);
  else if (["history", "compare", "status"].includes(name)) {
    store.set({ view: /** @type {View} */ (name), problem: null });
  } else store.set({ view: "studio" });
}

/**
 * A run, those it corrects, and those that correct it.
 * @param {string} id
 */
export async function openRun(id) {
  store.set({ view: "studio", problem: null, editing: null });
  if (store.get().shown === id && store.get().runs[id]) return;
  await trying(async () => {
    const wanted = await load(id);
    const chain = [wanted];
    for (let row = wanted; row.parent; chain.unshift(row)) row = await load(row.parent);
    const versions = await withCorrections(chain.map((row) => row.id));
    const first = chain[0] ?? wanted;
    store.set({
      versions,
      shown: id,
      picture: 0,
      trail: [],
      link: "well",
      prompt: first.prompt,
      given: settingsOf(first),
    });
  });
}

/**
 * @param {string} id
 * @returns {Promise<Row>}
 */
async function load(id) {
  const row = await get(`v1/runs/${id}`);
  if (!store.get().runs[id]) keep(emptyRun(id, row));
  watch(id);
  return row;
}

/**
 * The chain and every known run that corrects one of it; none is lost where the newest 100 runs hold it.
 * @param {string[]} chain
 */
async function withCorrections(chain) {
  /** @type {{data: Row[]}} */
  const page = await get("v1/runs?limit=100");
  const family = new Set(chain);
  for (const row of [...page.data].reverse()) {
    if (row.parent && family.has(row.parent) && !family.has(row.id)) {
      family.add(row.id);
      await load(row.id);
    }
  }
  return [...family];
}

/** @param {Row} row */
function settingsOf(row) {
  const known = store.get().card?.settings ?? {};
  return Object.fromEntries(Object.entries(row.request).filter(([name]) => name in known));
}
