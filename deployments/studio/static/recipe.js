/** Which call makes the same picture. Pure functions. */

/** @import { Row, Settings } from "./types.js" */

/**
 * @typedef {object} Call
 * @property {string} corrects  the run that it asks to correct; empty where it draws from the beginning
 * @property {Settings} request
 *
 * @typedef {object} Which  which of a run's pictures
 * @property {number} number
 * @property {number | null} seed  its candidate's
 * @property {string[]} known  the names of all settings
 */

/** What a request says beside its settings, of what a picture depends on. */
const WORDS = ["prompt", "triplet", "box"];

/**
 * The call that makes a picture of a run; null for a correction of what is not kept any more.
 *
 * ReCorD's corrections are drawn from the beginning as well. Where one has settings of its own its candidate
 * was drawn with others, and other methods are told more of the candidate than a request can say: these ask
 * for the correction anew.
 * @param {Row[]} chain  the run and those that it corrects
 * @param {Which} which
 * @returns {Call | null}
 */
export function callOf(chain, which) {
  const last = chain.at(-1);
  if (!last || chain[0]?.parent) return null;
  const names = new Set([...WORDS, ...which.known]);
  if (!last.parent) return { corrects: "", request: first(last, which, names) };
  const corrections = chain.slice(1).map((row) => row.request);
  const isOwn = corrections.some((request) => which.known.some((name) => request[name] != null));
  if (!isOwn && chain.every((row) => row.method === "record")) {
    return { corrects: "", request: alone(chain, which, names) };
  }
  return { corrects: last.parent, request: only(last.request, new Set([...names, "picture"])) };
}

/** A run that corrects nothing. @param {Row} row @param {Which} which @param {Set<string>} names */
function first({ request, order }, { number }, names) {
  const own = order?.settings[number]?.seed;
  const given = only(request, names);
  return number && own !== undefined ? { ...given, seed: own } : given;
}

/**
 * A correction as the candidate that it began with and the box: one candidate, of that seed, corrected once
 * and judged by nobody.
 * @param {Row[]} chain
 * @param {Which} which
 * @param {Set<string>} names
 */
function alone(chain, { seed }, names) {
  const { row_steps, ...request } = only(Object.assign({}, ...chain.map((row) => row.request)), names);
  const counts = { candidates: 1, corrections: 1, best_of: 1, look_again: false };
  return { ...request, ...counts, seed: seed ?? request.seed ?? 0 };
}

/** @param {Settings} request @param {Set<string>} names */
const only = (request, names) =>
  Object.fromEntries(Object.entries(request).filter(([name, value]) => names.has(name) && value != null));
