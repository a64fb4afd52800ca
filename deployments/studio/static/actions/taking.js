/** What a person takes away: the picture, its trace, a text in the clipboard. */

import { artefact, open } from "../api.js";

/** @import { RunView } from "../types.js" */

/**
 * Into the clipboard; the browser offers it in secure contexts only, elsewhere the text is left selected.
 * @param {string} text
 * @param {HTMLElement | null} shown
 */
export async function copied(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown) getSelection()?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}

/** @param {string} run @param {string} name */
export async function savePicture(run, name) {
  save(await (await open(artefact(run, name))).blob(), `${run}.png`);
}

/** @param {RunView} run */
export function saveTrace(run) {
  const trace = JSON.stringify({ run: run.row, events: run.events }, null, 1);
  save(new Blob([trace], { type: "application/json" }), `${run.id}.json`);
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
