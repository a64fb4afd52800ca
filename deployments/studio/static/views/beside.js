/** What the result is compared with: its candidate, the plain sample, any other version. */

import { drawPlain, plainOf } from "../actions/mend.js";
import { store } from "../store.js";
import { html } from "../vendor/preact.js";
import { otherOf, others, versionName } from "../versions.js";
import { standing } from "../words.js";
import { Chips } from "./chips.js";
import { Picture } from "./picture.js";
import { Slider } from "./slider.js";

/** @import { Beside, Drawn, RunView, State } from "../types.js" */

/** @type {[Beside, string][]} */
const BESIDE = [
  ["", "Alone"],
  ["candidate", "Candidate"],
  ["plain", "Plain sample"],
  ["version", "Another version"],
];

/** @param {{state: State, chosen?: Drawn}} props */
export function Choice({ state, chosen }) {
  const isThere = {
    "": true,
    candidate: Boolean(chosen?.image),
    plain: true,
    version: otherOf(state) !== undefined,
  };
  /** @param {Beside} name */
  const choose = (name) => {
    store.set({ beside: name });
    if (name === "plain") drawPlain();
  };
  return html`<${Chips}
      label="Compare the result with"
      choices=${BESIDE.filter(([name]) => isThere[name])}
      isPressed=${(/** @type {Beside} */ name) => state.beside === name}
      onPress=${choose}
    />
    ${state.beside === "version" && html`<${Which} state=${state} />`}`;
}

/** Which version, where there are several. @param {{state: State}} props */
function Which({ state }) {
  const all = others(state);
  if (all.length < 2) return null;
  const known = otherOf(state)?.id;
  /** @param {Event & {currentTarget: HTMLSelectElement}} event */
  const choose = (event) => store.set({ other: event.currentTarget.value });
  return html`<select class="which" aria-label="The version to compare with" value=${known} onChange=${choose}>
    ${all.map(({ id, name }) => html`<option key=${id} value=${id} selected=${id === known}>${name}</option>`)}
  </select>`;
}

/** The other picture, over the left part of the result. @param {{state: State, run: RunView, chosen?: Drawn}} props */
export function Compared({ state, run, chosen }) {
  if (state.beside === "plain") return html`<${Plain} state=${state} />`;
  if (state.beside === "candidate" && chosen?.image) {
    return html`<${Slider} name="candidate"><${Picture} run=${run.id} name=${chosen.image} alt="The candidate" /><//>`;
  }
  const other = state.beside === "version" ? otherOf(state) : undefined;
  if (!other) return null;
  const name = other.name.toLowerCase();
  const told = other.id === state.versions[0] ? `the ${name}` : name;
  const own = versionName(state.versions, run.id).toLowerCase();
  return html`<${Slider} name=${name} told=${told} own=${own}>
    <${Picture} run=${other.id} name=${other.image} alt=${other.name} />
  <//>`;
}

/** @param {{state: State}} props */
function Plain({ state }) {
  const plain = plainOf(state);
  if (!plain) return null;
  if (plain.status === "failed" || plain.status === "cancelled") {
    return html`<p class="failed" role="status">Plain sample: ${standing(plain)}. ${plain.error?.message}</p>`;
  }
  const story = plain.stories[0];
  const drawn = story?.candidates[0];
  return html`<${Slider} name=${plain.status === "finished" ? "plain sample" : `plain sample: ${standing(plain)}`}>
    <${Picture} run=${plain.id} name=${story?.image} preview=${drawn?.preview} alt="The plain sample of the same seed" />
  <//>`;
}
