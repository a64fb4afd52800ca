/** A picture and its corrections, oldest first; one is looked at. */

import { look, undo } from "../actions/mend.js";
import { html } from "../vendor/preact.js";
import { storyOf, versionName } from "../versions.js";
import { SHORT } from "../words.js";
import { Picture } from "./picture.js";

/** @import { State } from "../types.js" */

/** @param {{state: State}} props */
export function Versions({ state }) {
  if (state.versions.length < 2) return null;
  return html`<section aria-labelledby="versions">
    <div class="between">
      <h2 id="versions">Versions</h2>
      <button type="button" class="plain" onClick=${undo} disabled=${!state.trail.length}>Undo</button>
    </div>
    <ol class="film versions">
      ${state.versions.map((id) => {
        const run = state.runs[id];
        const story = storyOf(state, id);
        const short = SHORT[run?.status ?? "waiting"];
        return html`<li key=${id} class=${id === state.shown ? "chosen" : ""}>
          <button type="button" class="tile" aria-current=${id === state.shown ? "true" : undefined} onClick=${() => look(id)}>
            <${Picture} run=${id} name=${story?.image} preview=${story?.passes[0]?.preview} alt="" />
            <span>${versionName(state.versions, id)}${short && `, ${short}`}</span>
          </button>
        </li>`;
      })}
    </ol>
  </section>`;
}
