/** What the page begins with, draws and shows, as its address says. */

import { ApiError, get, keepKey } from "../api.js";
import { fieldsOf } from "../fields.js";
import { emptyRun, isOver } from "../run.js";
import { store } from "../store.js";
import { fail, trying } from "./asking.js";
import { accept, keep, stopRun } from "./runs.js";

/** @import { Row, View } from "../types.js" */

/** Seconds after which a service is asked again that does not say when. */
const AGAIN_S = 2;

/** Learn what is served; while the service starts or the models load, again and again. */
export async function begin() {
  for (;;) {
    try {
      const [models, openapi] = await Promise.all([get("v1/models"), get("openapi.json")]);
      const card = models.data[0];
      store.set({ card, fields: fieldsOf(openapi, card), needsKey: false, problem: null });
      return;
    } catch (cause) {
      fail(cause);
      if (!(cause instanceof ApiError && cause.isPassing)) return;
      const ms = 1000 * (cause.retryAfter || AGAIN_S);
      await new Promise((resolve) => setTimeout(resolve, ms));
    }
  }
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
  const { hash } = location;
  const row = await accept("v1/runs", { prompt: prompt.trim(), ...given });
  if (row && location.hash === hash) show([row.id], row.id);
}

/** Stop the run that is looked at. */
export async function stop() {
  const run = store.get().runs[store.get().shown];
  if (run && !isOver(run)) await trying(() => stopRun(run.id));
}

/**
 * Look at one of some versions, and say so in the address.
 * @param {string[]} versions
 * @param {string} shown
 */
export function show(versions, shown) {
  store.set({ view: "studio", versions, shown, picture: 0, editing: null, trail: [], beside: "" });
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
    const chain = await withCorrected(wanted);
    const versions = await withCorrections(chain.map((row) => row.id));
    const first = chain[0] ?? wanted;
    // Somebody may have gone on to another run meanwhile.
    if (location.hash !== `#run=${id}`) return;
    store.set({
      versions,
      shown: id,
      picture: 0,
      trail: [],
      beside: "",
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
  return row;
}

/**
 * A run and those that it corrects, the first one first, as far back as they are kept.
 * @param {Row} row
 * @returns {Promise<Row[]>}
 */
async function withCorrected(row) {
  const chain = [row];
  for (let id = row.parent; id; id = chain[0]?.parent ?? null) {
    try {
      chain.unshift(await load(id));
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === "run_not_found") break;
      throw cause;
    }
  }
  return chain;
}

/**
 * The chain and every run that corrects one of it, parents before their corrections.
 * @param {string[]} chain
 */
async function withCorrections(chain) {
  const family = new Set(chain);
  for (const parent of family) {
    /** @type {{data: Row[]}} */
    const page = await get(`v1/runs?limit=100&parent=${parent}`);
    for (const row of page.data.reverse()) {
      if (family.has(row.id)) continue;
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
