/** To take away: the picture, its trace, and the calls that make it again. */

import { trying } from "../actions/asking.js";
import { address, artefact, key, open } from "../api.js";
import { recipes, requestOf } from "../recipe.js";
import { html, useState } from "../vendor/preact.js";

/** @import { RunView, State, Story } from "../types.js" */

/** @param {{state: State, run: RunView, story: Story}} props */
export function Keep({ state, run, story }) {
  const first = state.runs[state.versions[0] ?? ""]?.row;
  if (!story.image || !run.row || !first) return null;
  const { image } = story;
  const origin = address(".").replace(/\/$/, "");
  const request = requestOf(first, run.row);
  return html`<section class="keep" aria-labelledby="keep">
    <h2 id="keep">Take it away</h2>
    <div class="buttons">
      <button type="button" onClick=${() => trying(() => savePicture(run.id, image))}>Download picture</button>
      <button type="button" onClick=${() => saveTrace(run)}>Download trace</button>
    </div>
    <details class="folded">
      <summary>Make the same picture by curl, Python, or command line</summary>
      ${recipes(request, origin, key() !== "").map((one) => html`<${Recipe} key=${one.name} ...${one} />`)}
    </details>
  </section>`;
}

/** @param {{name: string, text: string}} props */
function Recipe({ name, text }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return html`<div class="recipe">
    <div class="between">
      <h3>${name}</h3>
      <button type="button" class="plain" onClick=${copy} aria-label=${`Copy ${name}`}>${isCopied ? "Copied" : "Copy"}</button>
    </div>
    <pre tabindex="0" role="region" aria-label=${name}><code>${text}</code></pre>
  </div>`;
}

/** @param {string} run @param {string} name */
async function savePicture(run, name) {
  save(await (await open(artefact(run, name))).blob(), `${run}.png`);
}

/** @param {RunView} run */
function saveTrace(run) {
  const trace = JSON.stringify({ run: run.row, events: run.events }, null, 1);
  save(new Blob([trace], { type: "application/json" }), `${run.id}.json`);
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
