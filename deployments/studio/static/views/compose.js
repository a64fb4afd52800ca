/** What is asked for: the sentence, examples of it, settings, and the two buttons. */

import { generate, stop } from "../actions/page.js";
import { example } from "../examples.js";
import { changed, IN_SIGHT } from "../fields.js";
import { isOver } from "../run.js";
import { store } from "../store.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { Sentence } from "./sentence.js";
import { SettingField } from "./setting.js";

/** @import { Card, Field, RunView, State } from "../types.js" */

/** @param {string} prompt */
const write = (prompt) => store.set({ prompt });

/** @param {{state: State, run?: RunView}} props */
export function Compose({ state, run }) {
  const { card, fields } = state;
  const goesOn = run !== undefined && !isOver(run);
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    generate();
  };
  return html`<form class="compose" onSubmit=${submit} aria-label="What to draw">
    ${!run && html`<h1>Watch an interaction being drawn, then mend it by hand.</h1>`}
    <${Sentence}
      id="prompt"
      label="Who does what with what?"
      rows=${2}
      value=${state.prompt}
      problem=${state.problem}
      onWrite=${write}
    />
    ${card && html`<${Examples} card=${card} />`}
    <div class="buttons">
      <button class="main" disabled=${!card || state.isBusy} aria-keyshortcuts="Control+Enter">Generate</button>
      <button type="button" onClick=${stop} disabled=${!goesOn}>Stop</button>
      <span class="hint">Ctrl-Enter</span>
    </div>
    ${card && html`<${Choices} state=${state} card=${card} fields=${fields} />`}
  </form>`;
}

/** @param {{card: Card}} props */
function Examples({ card }) {
  const [first, setFirst] = useState(0);
  const shown = [0, 1, 2, 3].map((one) => example(card, first + one));
  return html`<div class="examples" role="group" aria-label="Examples">
    ${shown.map(
      (text) =>
        html`<button type="button" class="chip" key=${text} onClick=${() => write(text)}>${text}</button>`,
    )}
    <button type="button" class="chip more" onClick=${() => setFirst(first + 4)}>Others</button>
  </div>`;
}

/** @param {{state: State, card: Card, fields: Record<string, Field>}} props */
function Choices({ state, card, fields }) {
  /** @param {string} name @param {unknown} value */
  const choose = (name, value) => store.set({ given: changed(state.given, card, name, value) });
  /** @param {Field} field @param {boolean} isTold */
  const show = (field, isTold) =>
    html`<${SettingField}
      key=${field.name}
      field=${field}
      value=${state.given[field.name] ?? card.settings[field.name]}
      isOwn=${field.name in state.given}
      isTold=${isTold}
      isWrong=${state.problem?.param === field.name}
      onChoose=${choose}
    />`;
  const sight = IN_SIGHT.flatMap((name) => fields[name] ?? []);
  const rest = Object.values(fields).filter((field) => !IN_SIGHT.includes(field.name));
  const own = rest.filter((field) => field.name in state.given).length;
  const isHidden = rest.some((field) => field.name === state.problem?.param);
  useEffect(() => {
    if (state.problem?.param) document.getElementById(`setting-${state.problem.param}`)?.focus();
  }, [state.problem]);
  return html`<div class="settings">${sight.map((field) => show(field, false))}</div>
    <details class="folded" open=${isHidden}>
      <summary>${rest.length} more settings${own ? `, ${own} changed` : ""}</summary>
      <div class="settings told">${rest.map((field) => show(field, true))}</div>
      <button type="button" class="plain" onClick=${() => store.set({ given: {} })}>As usual again</button>
    </details>`;
}
