/** Around every view: the heading, the ways between views, what went wrong, and the key. */

import { store } from "../store.js";
import { isDark, toggle } from "../theme.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { fieldName, standing } from "../words.js";
import { Compare } from "./compare.js";
import { History } from "./history.js";
import { KeyForm, LinkNote, ProblemNote } from "./notes.js";
import { StatusView } from "./status.js";
import { Studio } from "./studio.js";

/** @import { State, View } from "../types.js" */

/** @type {[View, string][]} */
const WAYS = [
  ["studio", "Studio"],
  ["history", "History"],
  ["compare", "Compare"],
  ["status", "Status"],
];

/** @param {{state: State}} props */
export function Shell({ state }) {
  const before = useRef(state.view);
  useEffect(() => {
    if (before.current !== state.view) document.getElementById("main")?.focus();
    before.current = state.view;
  }, [state.view]);
  const title = titleOf(state);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return html`
    <a class="skip" href="#main" onClick=${toMain}>To the page</a>
    <header class="top">
      <a class="mark" href="#" onClick=${anew}><img src="studio/icon.svg" alt="" width="26" height="26" /> ReCorD studio</a>
      <nav aria-label="Views">
        ${WAYS.map(
          ([view, name]) =>
            html`<a href=${wayTo(state, view)} aria-current=${state.view === view ? "page" : undefined}>${name}</a>`,
        )}
      </nav>
      <${Theme} />
    </header>
    <main id="main" tabindex="-1">
      ${state.needsKey && html`<${KeyForm} />`}
      <${LinkNote} state=${state} />
      <${ProblemNote} problem=${state.problem} />
      ${state.view === "studio" && html`<${Studio} state=${state} />`}
      ${state.view === "history" && html`<${History} state=${state} />`}
      ${state.view === "compare" && html`<${Compare} state=${state} />`}
      ${state.view === "status" && html`<${StatusView} state=${state} />`}
    </main>
  `;
}

/** What the tab is called. @param {State} state */
function titleOf({ view, runs, shown, card }) {
  const run = runs[shown];
  if (view !== "studio") return `${fieldName(view)} · ReCorD studio`;
  return run?.row ? `${standing(run, card?.settings)}: ${run.row.prompt} · ReCorD studio` : "ReCorD studio";
}

/** @param {State} state @param {View} view */
const wayTo = (state, view) => (view !== "studio" ? `#${view}` : state.shown ? `#run=${state.shown}` : "#");

/** @param {Event} event */
function toMain(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function anew() {
  store.set({ shown: "", versions: [], problem: null, editing: null });
}

function Theme() {
  const [dark, setDark] = useState(isDark());
  const flip = () => {
    toggle();
    setDark(isDark());
  };
  const name = dark ? "Light colours" : "Dark colours";
  return html`<button class="plain round" onClick=${flip} aria-label=${name} title=${name}>${dark ? "☀" : "☾"}</button>`;
}
