/** The large pictures: the chosen candidate, and what is made of it. */

import { html } from "../vendor/preact.js";
import { Bar } from "./film.js";
import { Picture } from "./picture.js";

/** @import { RunView, State, Story } from "../types.js" */

/** @param {{state: State, run: RunView, story: Story}} props */
export function Easel({ run, story }) {
  const chosen = story.chosen === null ? undefined : story.candidates[story.chosen];
  return html`<div class="easel">
    ${
      chosen &&
      html`<figure class="large">
        <div class="canvas"><${Picture} run=${run.id} name=${chosen.image} preview=${chosen.preview} alt="The chosen candidate" /></div>
        <figcaption>The chosen candidate</figcaption>
      </figure>`
    }
    <${Outcome} run=${run} story=${story} />
  </div>`;
}

/** @param {{run: RunView, story: Story}} props */
function Outcome({ run, story }) {
  const pass = story.passes[0];
  if (!story.image && !pass) return null;
  const share = pass?.steps ? pass.step / pass.steps : 0;
  return html`<figure class="large">
    <div class="canvas">
      <${Picture} run=${run.id} name=${story.image} preview=${pass?.preview} alt="The result" />
      ${!story.image && html`<${Bar} share=${share} label="The last pass" />`}
    </div>
    <figcaption>${story.image ? "The result" : "The correction, on its way"}</figcaption>
  </figure>`;
}
