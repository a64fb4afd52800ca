/** What is made of the candidate: sharpening, then the result, to be compared and mended. */

import { startEditing } from "../actions/mend.js";
import { html } from "../vendor/preact.js";
import { reasons, whyNotMoved } from "../words.js";
import { Choice, Compared } from "./beside.js";
import { BoxEditor, EditingButtons } from "./editor.js";
import { Bar } from "./film.js";
import { Losses } from "./losses.js";
import { Picture } from "./picture.js";

/** @import { Drawn, RunView, State, Story } from "../types.js" */

/** @typedef {{state: State, run: RunView, story: Story, chosen?: Drawn}} Props */

/** @param {Props} props */
export function Outcome({ state, run, story, chosen }) {
  const pass = story.passes.find((one) => one.step < one.steps) ?? story.passes[0];
  if (!story.image && !pass) return null;
  const share = pass?.steps ? pass.step / pass.steps : 0;
  const isMended = state.editing !== null;
  return html`<figure class="large">
    <div class="canvas">
      <${Picture} run=${run.id} name=${story.image} preview=${pass?.preview} alt=${`The result: ${run.row?.prompt}`} />
      ${!story.image && html`<${Bar} share=${share} label="The last pass" />`}
      ${story.image && !isMended && html`<${Compared} state=${state} run=${run} chosen=${chosen} />`}
      ${state.editing && html`<${BoxEditor} editing=${state.editing} />`}
    </div>
    <figcaption>
      <span class="name">${nameOf(story)}</span>
      ${story.image && !isMended && html`<${Ways} state=${state} run=${run} story=${story} chosen=${chosen} />`}
      ${state.editing && html`<${EditingButtons} editing=${state.editing} isBusy=${state.isBusy} />`}
    </figcaption>
    ${reasons(story).map((said) => html`<p key=${said} class="faint reason">${said}</p>`)}
    <${Losses} losses=${story.losses} />
  </figure>`;
}

/** @param {Story} story */
function nameOf(story) {
  if (story.image) return "Result";
  return story.proposed ? "Correction, on its way" : "On its way";
}

/** A key that is held must not press again what it has come back to. @param {KeyboardEvent} event */
const isHeld = (event) => event.repeat && event.preventDefault();

/** @param {Props} props */
function Ways({ state, run, story, chosen }) {
  const obstacle = whyNotMoved(run, story);
  return html`<button type="button" id="move" onClick=${startEditing} onKeyDown=${isHeld} disabled=${obstacle !== ""} aria-describedby=${obstacle ? "obstacle" : undefined}>
      Move the object
    </button>
    ${obstacle && html`<span id="obstacle" class="hint">${obstacle}</span>`}
    <${Choice} state=${state} chosen=${chosen} />`;
}
