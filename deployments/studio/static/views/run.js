/** A run: where it is, its candidates, the chosen one, and what became of it. */

import { isOver } from "../run.js";
import { store } from "../store.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { ahead, degradedWords, fromOne, methodName, seconds, stageName, standing } from "../words.js";
import { Chips } from "./chips.js";
import { Easel } from "./easel.js";
import { Film } from "./film.js";
import { Keep } from "./keep.js";
import { Versions } from "./versions.js";

/** @import { RunView, Settings, State } from "../types.js" */

/** @param {{state: State, run: RunView}} props */
export function Run({ state, run }) {
  const story = run.stories[state.picture];
  const title = run.row?.prompt ?? "";
  const place = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    // On a phone the pictures lie below the sentence.
    if (!isOver(run) && scrollY < (place.current?.offsetTop ?? 0) - innerHeight / 2)
      place.current?.scrollIntoView();
  }, [state.versions[0]]);
  return html`<section class="run" aria-label="The run" ref=${place}>
    <header class="about">
      <h1 id="about" tabindex="-1">${title}</h1>
      <p class="standing">
        <span role="status" aria-live="polite">${standing(run, state.card?.settings, state.picture)}</span>
        ${!isOver(run) && html`<${Clock} key=${run.id} since=${run.row?.created ?? 0} />`}
        <span class="faint">${methodName(run.row?.method ?? "record")}${story?.candidates[0]?.seed != null && `, seed ${story.candidates[0].seed}`}</span>
      </p>
      ${run.status !== "waiting" && html`<${Stages} run=${run} usual=${state.card?.settings} picture=${state.picture} />`}
    </header>
    ${run.error && html`<div class="note fails"><p><strong>This run has no picture.</strong> ${run.error.message}</p></div>`}
    ${run.stories.length > 1 && html`<${Pictures} count=${run.stories.length} shown=${state.picture} />`}
    ${story?.degraded.map((one) => html`<${Lacking} one=${degradedWords(one)} />`)}
    ${
      story &&
      html`<${Film} run=${run} story=${story} /><${Easel} state=${state} run=${run} story=${story} />
      <${Versions} state=${state} />
      <${Keep} state=${state} run=${run} story=${story} />`
    }
  </section>`;
}

/** @param {{count: number, shown: number}} props */
function Pictures({ count, shown }) {
  /** @type {[string, string][]} */
  const choices = Array.from({ length: count }, (_, number) => [`${number}`, `Picture ${number + 1}`]);
  return html`<${Chips}
    label="Pictures of this run"
    choices=${choices}
    isPressed=${(/** @type {string} */ name) => Number(name) === shown}
    onPress=${(/** @type {string} */ name) => store.set({ picture: Number(name), editing: null })}
  />`;
}

/** @param {{one: {title: string, detail: string}}} props */
function Lacking({ one }) {
  if (!one.detail) return html`<p class="note warns"><strong>${one.title}</strong></p>`;
  return html`<details class="note warns lacking">
    <summary><strong>${one.title}</strong></summary>
    <p>${fromOne(one.detail)}</p>
  </details>`;
}

/** @param {{run: RunView, usual?: Settings, picture: number}} props */
function Stages({ run, usual, picture }) {
  const timed = run.stages.filter((one) => one.picture === picture);
  const rest = isOver(run) ? [] : ahead(run, usual, picture);
  return html`<ol class="stages" aria-label="Stages">
    ${timed.map((one) => html`<li class="done" key=${one.stage}>${stageName(one.stage)} <span>${seconds(one.seconds)}</span></li>`)}
    ${rest.map((one, number) => html`<li key=${one} class=${number ? "" : "now"} aria-current=${number ? undefined : "step"}>${stageName(one)}</li>`)}
  </ol>`;
}

/** @param {{since: number}} props */
function Clock({ since }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return html`<span class="faint" aria-hidden="true">${seconds(Math.max(0, now / 1000 - since))}</span>`;
}
