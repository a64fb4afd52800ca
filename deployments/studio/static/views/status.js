/** What the service is doing, asked every other second while somebody looks. */

import { loadStatus } from "../actions/watching.js";
import { html, useEffect } from "../vendor/preact.js";
import { replicasWords, seconds } from "../words.js";

/** @import { State } from "../types.js" */

const PAUSE_MS = 2000;

/** @param {{state: State}} props */
export function StatusView({ state }) {
  const { status, card } = state;
  useEffect(() => {
    loadStatus();
    const timer = setInterval(() => document.hidden || loadStatus(), PAUSE_MS);
    return () => clearInterval(timer);
  }, []);
  if (!status) return html`<section><h1>Status</h1><p class="faint">Asking …</p></section>`;
  const figures = [
    ["Waiting", `${status.waiting}`, status.waiting === 1 ? "run" : "runs"],
    ["Being drawn", `${status.running}`, status.running === 1 ? "run" : "runs"],
    ["Pace", `${Math.round(status.row_steps_per_s)}`, "steps a second, of all pictures together"],
    ["Idle in", seconds(status.idle_in_s), "for what is accepted so far"],
    ["Last minute", `${status.last_minute.finished}`, endings(status.last_minute)],
  ];
  return html`<section aria-labelledby="status">
    <h1 id="status">Status</h1>
    <p role="status">${wordsOf(status)}</p>
    <dl class="figures">
      ${figures.map(([name, value, unit]) => html`<div key=${name}><dt>${name}</dt><dd><strong>${value}</strong> <span class="faint">${unit}</span></dd></div>`)}
    </dl>
    <h2>Parts</h2>
    <ul class="parts">
      ${Object.entries(status.parts).map(
        ([name, told]) => html`<li key=${name} class=${told === "ready" ? "well" : "ill"}>
          <strong>${name}</strong> ${told}<span class="faint">${replicasWords(status.replicas[name])}</span>
        </li>`,
      )}
    </ul>
    ${"VLM" in status.parts ? null : html`<p class="faint">No language model is served: the first candidate is taken, and stays as it is.</p>`}
    <h2>Served</h2>
    <p>${status.model}${card && `, ${card.size} pixels`}</p>
    ${card && card.verbs.length > 0 && html`<p class="faint">It knows ${card.subjects.join(", ")}; ${card.verbs.join(", ")}; ${card.objects.join(", ")}.</p>`}
  </section>`;
}

/** @param {{failed: number, cancelled: number}} ended */
const endings = ({ failed, cancelled }) => `finished, ${failed} failed, ${cancelled} stopped`;

/** @param {NonNullable<State["status"]>} status */
function wordsOf(status) {
  if (!status.isThere) return "The service cannot be reached; this is what it said last.";
  return status.ready ? "Every part is ready." : "Not every part is ready yet.";
}
