/** What is made of the candidate: sharpening, then the result, to be compared and mended. */

import { drawPlain, plainOf, startEditing } from "../actions/mend.js";
import { chainOf } from "../run.js";
import { store } from "../store.js";
import { html } from "../vendor/preact.js";
import { reasons, standing, whyNotMoved } from "../words.js";
import { Chips } from "./chips.js";
import { BoxEditor, EditingButtons } from "./editor.js";
import { Bar } from "./film.js";
import { Losses } from "./losses.js";
import { Picture } from "./picture.js";
import { Slider } from "./slider.js";

/** @import { Beside, Drawn, RunView, State, Story } from "../types.js" */

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

/** @type {[Beside, string][]} */
const BESIDE = [
  ["", "Alone"],
  ["candidate", "Candidate"],
  ["first", "First version"],
  ["before", "Version before"],
  ["plain", "Plain sample"],
];

/** A key that is held must not press again what it has come back to. @param {KeyboardEvent} event */
const isHeld = (event) => event.repeat && event.preventDefault();

/** @param {Props} props */
function Ways({ state, run, story, chosen }) {
  const obstacle = whyNotMoved(run, story);
  const isThere = {
    "": true,
    candidate: Boolean(chosen?.image),
    first: chainOf(state.runs, state.shown).length > 2 && imageBefore(state, true) !== null,
    before: imageBefore(state, false) !== null,
    plain: true,
  };
  /** @param {Beside} name */
  const choose = (name) => {
    store.set({ beside: name });
    if (name === "plain") drawPlain();
  };
  return html`<button type="button" id="move" onClick=${startEditing} onKeyDown=${isHeld} disabled=${obstacle !== ""} aria-describedby=${obstacle ? "obstacle" : undefined}>
      Move the object
    </button>
    ${obstacle && html`<span id="obstacle" class="hint">${obstacle}</span>`}
    <${Chips}
      label="Compare the result with"
      choices=${BESIDE.filter(([name]) => isThere[name])}
      isPressed=${(/** @type {Beside} */ name) => state.beside === name}
      onPress=${choose}
    />`;
}

/**
 * The picture that this one corrects, or the first of all that led to it.
 * @param {State} state
 * @param {boolean} isFirst
 * @returns {{run: string, name: string} | null}
 */
function imageBefore({ runs, shown }, isFirst) {
  const chain = chainOf(runs, shown);
  const at = isFirst ? 0 : chain.length - 2;
  const [row, next] = [chain[at], chain[at + 1]];
  const name = runs[row?.id ?? ""]?.stories[Number(next?.request.picture ?? 0)]?.image;
  return row && next && name ? { run: row.id, name } : null;
}

/** The other picture, over the left part of the result. @param {Omit<Props, "story">} props */
function Compared({ state, run, chosen }) {
  if (state.beside === "candidate" && chosen?.image) {
    return html`<${Slider} name="candidate"><${Picture} run=${run.id} name=${chosen.image} alt="The candidate" /><//>`;
  }
  const isFirst = state.beside === "first";
  const before = isFirst || state.beside === "before" ? imageBefore(state, isFirst) : null;
  if (before) {
    const name = isFirst ? "first version" : "version before";
    return html`<${Slider} name=${name}><${Picture} ...${before} alt=${`The ${name}`} /><//>`;
  }
  const plain = plainOf(state);
  if (state.beside !== "plain" || !plain) return null;
  const story = plain.stories[0];
  const drawn = story?.candidates[0];
  if (plain.status === "failed" || plain.status === "cancelled") {
    return html`<p class="failed" role="status">Plain sample: ${standing(plain)}. ${plain.error?.message}</p>`;
  }
  return html`<${Slider} name=${plain.status === "finished" ? "plain sample" : `plain sample: ${standing(plain)}`}>
    <${Picture} run=${plain.id} name=${story?.image} preview=${drawn?.preview} alt="The plain sample of the same seed" />
  <//>`;
}
