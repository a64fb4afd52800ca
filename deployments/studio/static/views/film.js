/** The candidates, side by side: they come one by one, sharpen, and one is framed. */

import { html } from "../vendor/preact.js";
import { fromOne } from "../words.js";
import { Picture } from "./picture.js";

/** @import { Drawn, RunView, Story } from "../types.js" */

/** @param {{run: RunView, story: Story}} props */
export function Film({ run, story }) {
  const isAlone = story.candidates.length === 1;
  // One alone is seen here while it is drawn, and in large afterwards.
  if (!story.candidates.length || (isAlone && (story.image || story.chosen !== null))) return null;
  return html`<section aria-labelledby="film">
    <h2 id="film">${isAlone ? "Being drawn" : "Candidates"}</h2>
    <ul class="film ${story.chosen === null ? "large" : ""}">
      ${story.candidates.map((one) => html`<${Frame} key=${one.index} run=${run} story=${story} one=${one} />`)}
    </ul>
    ${story.choice && html`<p class="faint reason">${fromOne(story.choice)}</p>`}
  </section>`;
}

/** @param {{run: RunView, story: Story, one: Drawn}} props */
function Frame({ run, story, one }) {
  const isChosen = story.chosen === one.index;
  const pose = story.poses[one.index];
  const share = one.image ? 1 : one.steps ? one.step / one.steps : 0;
  const name = `Candidate ${one.index + 1}`;
  return html`<li class=${isChosen ? "chosen" : ""}>
    <figure>
      <${Picture} run=${run.id} name=${one.image} preview=${one.preview} alt=${`${name}${pose ? `: ${pose}` : share < 1 ? ", being drawn" : ", drawn"}`} />
      ${share < 1 && html`<${Bar} share=${share} label=${name} />`}
      <figcaption>${pose ?? name}${isChosen && html` <strong>chosen</strong>`}</figcaption>
    </figure>
  </li>`;
}

/** @param {{share: number, label: string}} props */
export function Bar({ share, label }) {
  return html`<progress max="1" value=${share} aria-label=${label}></progress>`;
}
