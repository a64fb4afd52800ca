/** Runs that were, newest first, a page at a time. */

import { loadHistory } from "../actions/watching.js";
import { html, useEffect } from "../vendor/preact.js";
import { methodName, moment, SHORT } from "../words.js";
import { Picture } from "./picture.js";

/** @import { Row, State } from "../types.js" */

/** @param {{state: State}} props */
export function History({ state }) {
  const { rows, hasMore, isLoading, isKnown } = state.history;
  useEffect(() => {
    loadHistory(false);
  }, []);
  return html`<section aria-labelledby="history" aria-busy=${isLoading}>
    <h1 id="history">History</h1>
    ${!rows.length && isKnown && html`<p class="faint">Nothing was drawn yet.</p>`}
    <ul class="cards">
      ${rows.map((row) => html`<${Card} key=${row.id} row=${row} />`)}
    </ul>
    ${hasMore && html`<button type="button" onClick=${() => loadHistory(true)} disabled=${isLoading}>Older ones</button>`}
  </section>`;
}

/** @param {{row: Row}} props */
function Card({ row }) {
  const isReady = row.status === "finished";
  return html`<li>
    <a class="card" href=${`#run=${row.id}`}>
      ${isReady ? html`<${Picture} run=${row.id} name="0/image.png" alt="" isSmall=${true} />` : html`<div class="none">${SHORT[row.status]}</div>`}
      <span class="said">${row.prompt}</span>
      <span class="faint">
        ${row.parent ? "Correction" : methodName(row.method)} · ${moment(row.created)}
      </span>
    </a>
  </li>`;
}
