/** One sentence by several methods and seeds, as a grid that fills. */

import { compare, stopComparing } from "../actions/grid.js";
import { example } from "../examples.js";
import { isOver } from "../run.js";
import { store } from "../store.js";
import { html, useState } from "../vendor/preact.js";
import { methodName, standing } from "../words.js";
import { Bar } from "./film.js";
import { Picture } from "./picture.js";
import { Sentence } from "./sentence.js";

/** @import { Cell, Grid, RunView, Settings, State } from "../types.js" */

const MOST_SEEDS = 8;
const USUAL = new Set(["record", "plain", "boxdiff"]);

/** @param {{state: State}} props */
export function Compare({ state }) {
  return html`<section aria-labelledby="compare">
    <h1 id="compare">Compare methods</h1>
    ${state.card && html`<${Question} state=${state} />`}
    ${state.grid && html`<${Answers} grid=${state.grid} runs=${state.runs} usual=${state.card?.settings} />`}
  </section>`;
}

/** @param {{state: State}} props */
function Question({ state }) {
  const known = (state.fields.method?.choices ?? []).filter((name) => name !== "images_api");
  const [methods, setMethods] = useState(known.filter((name) => USUAL.has(name)));
  const [count, setCount] = useState(2);
  const first = Number(state.given.seed ?? state.card?.settings.seed ?? 0);
  const [isWritten, setWritten] = useState(false);
  const offered = !isWritten && state.card ? example(state.card, 0) : "";
  const prompt = state.prompt || offered;
  const canAsk = prompt.trim() !== "" && methods.length > 0 && !state.grid?.isGoing;
  /** @param {string} text */
  const write = (text) => {
    setWritten(true);
    store.set({ prompt: text });
  };
  /** @param {SubmitEvent} event */
  const submit = (event) => {
    event.preventDefault();
    if (!canAsk) return;
    const seeds = Array.from({ length: count }, (_, number) => first + number);
    compare(
      prompt.trim(),
      known.filter((name) => methods.includes(name)),
      seeds,
      state.given,
    );
  };
  /** @param {string} name */
  const flip = (name) =>
    setMethods(methods.includes(name) ? methods.filter((one) => one !== name) : [...methods, name]);
  return html`<form class="question" onSubmit=${submit}>
    <${Sentence} id="compared" label="Sentence" rows=${1} value=${prompt} problem=${state.problem} onWrite=${write} />
    <fieldset>
      <legend>Methods</legend>
      ${known.map(
        (name) => html`<label key=${name} class="tick">
          <input type="checkbox" checked=${methods.includes(name)} onChange=${() => flip(name)} />
          ${methodName(name)}
        </label>`,
      )}
    </fieldset>
    <label class="seeds">
      Seeds, from ${first} on
      <input
        type="number"
        min="1"
        max=${MOST_SEEDS}
        required
        value=${count}
        onInput=${(/** @type {any} */ event) => setCount(event.currentTarget.valueAsNumber || 1)}
      />
    </label>
    <div class="buttons">
      <button class="main" disabled=${!canAsk}>Compare</button>
      <button type="button" onClick=${stopComparing} disabled=${!state.grid?.isGoing}>Stop</button>
    </div>
  </form>`;
}

/** @param {{grid: Grid, runs: Record<string, RunView>, usual?: Settings}} props */
function Answers({ grid, runs, usual }) {
  /** @param {Cell} cell */
  const isReady = (cell) => {
    const run = runs[cell.run];
    return cell.trouble !== "" || (run !== undefined && isOver(run));
  };
  const ready = grid.cells.filter(isReady).length;
  return html`<p class="faint" role="status">${grid.prompt}: ${ready} of ${grid.cells.length} drawn</p>
    <div class="scrolls" tabindex="0" role="region" aria-label="Pictures by method and seed">
      <table class="grid">
        <thead>
          <tr><th scope="col">Seed</th>${grid.methods.map((name) => html`<th scope="col" key=${name}>${methodName(name)}</th>`)}</tr>
        </thead>
        <tbody>
          ${grid.seeds.map(
            (seed) => html`<tr key=${seed}>
              <th scope="row">${seed}</th>
              ${grid.cells.filter((cell) => cell.seed === seed).map((cell) => html`<td key=${cell.method}><${Answer} cell=${cell} run=${runs[cell.run]} usual=${usual} /></td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** @param {{cell: Cell, run?: RunView, usual?: Settings}} props */
function Answer({ cell, run, usual }) {
  const name = `${methodName(cell.method)}, seed ${cell.seed}`;
  if (cell.trouble || run?.error) return html`<div class="none">${cell.trouble || run?.error?.message}</div>`;
  if (!run) return html`<div class="none">waits</div>`;
  const story = run.stories[0];
  const coming = story?.passes.at(-1) ?? story?.candidates[0];
  const share = coming?.steps ? coming.step / coming.steps : 0;
  return html`<a class="card" href=${`#run=${run.id}`}>
    <${Picture} run=${run.id} name=${story?.image} preview=${coming?.preview} alt=${name} />
    ${isOver(run) ? null : html`<${Bar} share=${share} label=${name} />`}
    ${run.status === "finished" ? null : html`<span class="faint">${standing(run, usual)}</span>`}
  </a>`;
}
