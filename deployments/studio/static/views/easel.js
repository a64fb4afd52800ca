/** The large pictures: the chosen candidate, what is made of it, and the plain sample. */

import { html } from "../vendor/preact.js";
import { Candidate } from "./candidate.js";
import { Outcome } from "./outcome.js";

/** @import { RunView, State, Story } from "../types.js" */

/** @param {{state: State, run: RunView, story: Story}} props */
export function Easel({ state, run, story }) {
  const chosen = story.chosen === null ? undefined : story.candidates[story.chosen];
  return html`<div class="easel">
    ${chosen && html`<${Candidate} state=${state} run=${run} story=${story} one=${chosen} />`}
    <${Outcome} state=${state} run=${run} story=${story} chosen=${chosen} />
  </div>`;
}
