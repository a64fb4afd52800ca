/** The studio: a sentence on one side, what becomes of it on the other. */

import { html } from "../vendor/preact.js";
import { Compose } from "./compose.js";
import { Run } from "./run.js";

/** @import { State } from "../types.js" */

/** @param {{state: State}} props */
export function Studio({ state }) {
  const run = state.runs[state.shown];
  return html`<div class="studio ${run ? "" : "empty"}">
    <${Compose} state=${state} run=${run} />
    ${run && html`<${Run} state=${state} run=${run} />`}
  </div>`;
}
