/** To take away: the picture, its trace, and the calls that make it again. */

import { trying } from "../actions/asking.js";
import { copied, savePicture, saveTrace } from "../actions/taking.js";
import { address, key } from "../api.js";
import { callOf } from "../recipe.js";
import { chainOf } from "../run.js";
import { scripts } from "../scripts.js";
import { html, useRef, useState } from "../vendor/preact.js";

/** @import { Call } from "../recipe.js" */
/** @import { RunView, State, Story } from "../types.js" */

/** @param {{state: State, run: RunView, story: Story}} props */
export function Keep({ state, run, story }) {
  if (!story.image || !run.row) return null;
  const { image } = story;
  const call = callOf(chainOf(state.runs, run.id), {
    number: state.picture,
    seed: story.candidates[story.chosen ?? 0]?.seed ?? null,
    known: Object.keys(state.card?.settings ?? {}),
  });
  return html`<section class="keep" aria-labelledby="keep">
    <h2 id="keep">Take it away</h2>
    <div class="buttons">
      <button type="button" onClick=${() => trying(() => savePicture(run.id, image))}>Download picture</button>
      <button type="button" onClick=${() => saveTrace(run)}>Download trace</button>
    </div>
    <details class="folded">
      <summary>Make the same picture by curl, Python, or command line</summary>
      ${call ? html`<${Calls} call=${call} />` : html`<p class="hint">No call makes it again: the run that it corrects is not kept any more.</p>`}
    </details>
  </section>`;
}

/** @param {{call: Call}} props */
function Calls({ call }) {
  const origin = address(".").replace(/\/$/, "");
  const { corrects } = call;
  return html`${corrects && html`<p class="hint">They correct ${corrects} anew, for as long as the service keeps it: no single call draws its candidate and this correction in their different ways.</p>`}
    ${key() && html`<p class="hint">All three read your key from RECORD_API_KEY.</p>`}
    ${scripts(call, origin, key() !== "").map((one) => html`<${Recipe} key=${one.name} ...${one} />`)}`;
}

/** @param {{name: string, text: string}} props */
function Recipe({ name, text }) {
  const [said, setSaid] = useState("");
  const shown = useRef(/** @type {HTMLElement | null} */ (null));
  const copy = async () => setSaid((await copied(text, shown.current)) ? "Copied" : "Press Ctrl-C");
  return html`<div class="recipe">
    <div class="between">
      <h3>${name}</h3>
      <button type="button" class="plain" onClick=${copy} aria-label=${`Copy ${name}`}>${said || "Copy"}</button>
      <span class="unseen" role="status">${said && `${name}: ${said}`}</span>
    </div>
    <pre tabindex="0" role="region" aria-label=${name}><code ref=${shown}>${text}</code></pre>
  </div>`;
}
