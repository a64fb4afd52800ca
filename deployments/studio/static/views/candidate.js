/** The chosen candidate in large, with what was seen in it. */

import { store } from "../store.js";
import { html } from "../vendor/preact.js";
import { layoutWords } from "../words.js";
import { Chips } from "./chips.js";
import { Attention, Seen } from "./overlay.js";
import { Picture } from "./picture.js";

/** @import { Drawn, Layer, RunView, State, Story } from "../types.js" */

/** @type {[Layer, string][]} */
const LAYERS = [
  ["pose", "Pose"],
  ["person", "Person"],
  ["found", "Object as found"],
  ["proposed", "as proposed"],
  ["map", "Attention"],
  ["mask", "Mask"],
];

/** @param {{state: State, run: RunView, story: Story, one: Drawn}} props */
export function Candidate({ state, run, story, one }) {
  const { seen } = state;
  const isThere = {
    pose: story.keypoints !== null,
    person: story.person !== null,
    found: story.found !== null,
    proposed: story.proposed !== null,
    map: one.map !== null,
    // A map too faint to be an object has no box either.
    mask: one.map !== null && story.found !== null,
  };
  return html`<figure class="large">
    <div class="canvas">
      <${Picture} run=${run.id} name=${one.image} preview=${one.preview} alt="The chosen candidate" />
      ${seen.map && one.map && html`<${Attention} run=${run.id} name=${one.map} layer="map" />`}
      ${seen.mask && isThere.mask && html`<${Attention} run=${run.id} name=${one.map} layer="mask" />`}
      <${Seen} story=${story} seen=${seen} />
    </div>
    <figcaption>
      <span class="name">Chosen candidate</span>
      <${Chips}
        label="Drawn over the candidate"
        choices=${LAYERS.filter(([layer]) => isThere[layer])}
        isPressed=${(/** @type {Layer} */ layer) => seen[layer]}
        onPress=${(/** @type {Layer} */ layer) => store.set({ seen: { ...seen, [layer]: !seen[layer] } })}
        hasMark=${true}
      />
    </figcaption>
    ${story.note && html`<p class="faint reason">${story.note}</p>`}
    ${story.layout && html`<p class="faint reason">${layoutWords(story.layout)}</p>`}
  </figure>`;
}
