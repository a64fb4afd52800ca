/** Messages: a lost connection, something that went wrong, a key that is needed. */

import { say } from "../actions/following.js";
import { useKey } from "../actions/page.js";
import { store } from "../store.js";
import { html, useEffect, useRef } from "../vendor/preact.js";

/** @import { Problem, State } from "../types.js" */

const LINKS = {
  well: "",
  lost: "The connection was lost. The run goes on; trying to reach it again …",
  back: "The connection was lost and is back. Nothing was missed.",
  anew: "The service was restarted and began this run anew.",
};

/** How the run that is looked at is connected, in a region that is there before it speaks. @param {{state: State}} props */
export function LinkNote({ state: { view, shown, links, grid } }) {
  const cells = view === "compare" ? (grid?.cells ?? []) : [];
  const id = view === "studio" ? shown : (cells.find((cell) => links[cell.run] === "lost")?.run ?? "");
  const link = links[id] ?? "well";
  return html`<div role="status">
    ${
      link !== "well" &&
      html`<div class="note ${link === "lost" ? "warns" : ""}">
        ${LINKS[link]}
        ${link !== "lost" && html`<button class="plain" onClick=${() => say(id, "well")}>Good</button>`}
      </div>`
    }
  </div>`;
}

/** @param {{problem: Problem | null}} props */
export function ProblemNote({ problem }) {
  return html`<div role="alert">
    ${
      problem &&
      html`<div class="note fails">
        <p><strong>${problem.title}.</strong> ${problem.detail}</p>
        <button class="plain" onClick=${() => store.set({ problem: null })}>Close</button>
      </div>`
    }
  </div>`;
}

export function KeyForm() {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  useEffect(() => field.current?.focus(), []);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    useKey(field.current?.value.trim() ?? "");
  };
  return html`<form class="note key" onSubmit=${submit} aria-label="API key">
    <label for="key">This service asks for an API key. It is kept for this tab alone.</label>
    <div class="row">
      <input id="key" ref=${field} type="password" autocomplete="off" required />
      <button class="main">Use it</button>
    </div>
  </form>`;
}
