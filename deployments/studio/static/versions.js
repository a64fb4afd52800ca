/** A picture's versions: a run and its corrections, oldest first. Pure functions. */

import { chainOf } from "./run.js";

/** @import { State, Story } from "./types.js" */

/** @typedef {{id: string, name: string, image: string}} Version  the image is its artefact's name */

/** @param {string[]} versions @param {string} id */
export const versionName = (versions, id) =>
  id === versions[0] ? "First version" : `Correction ${versions.indexOf(id)}`;

/**
 * Which of a version's pictures belongs to the one that is looked at: the first run may have several, of
 * which it corrects one.
 * @param {State} state
 * @param {string} id
 */
export function pictureIn({ runs, versions, shown, picture }, id) {
  if (id === shown) return picture;
  return id === versions[0] ? Number(chainOf(runs, shown)[1]?.request.picture ?? 0) : 0;
}

/**
 * @param {State} state
 * @param {string} id
 * @returns {Story | undefined}
 */
export const storyOf = (state, id) => state.runs[id]?.stories[pictureIn(state, id)];

/**
 * The versions that the one that is looked at can be compared with.
 * @param {State} state
 * @returns {Version[]}
 */
export function others(state) {
  const { versions, shown } = state;
  return versions.flatMap((id) => {
    const image = id === shown ? null : storyOf(state, id)?.image;
    return image ? [{ id, name: versionName(versions, id), image }] : [];
  });
}

/**
 * The one that it is compared with: as a person chose, else what it corrects, else the first.
 * @param {State} state
 */
export function otherOf(state) {
  const all = others(state);
  const parent = state.runs[state.shown]?.row?.parent;
  return all.find(({ id }) => id === state.other) ?? all.find(({ id }) => id === parent) ?? all[0];
}
