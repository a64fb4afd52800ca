/** One setting: a choice, a switch, a number or a text, with what it means. */

import { html } from "../vendor/preact.js";
import { fieldName, methodName } from "../words.js";

/** @import { Field } from "../types.js" */

/**
 * @param {{field: Field, value: unknown, isOwn: boolean, isTold: boolean, isWrong: boolean,
 *   onChoose: (name: string, value: unknown) => void}} props
 */
export function SettingField({ field, value, isOwn, isTold, isWrong, onChoose }) {
  const id = `setting-${field.name}`;
  const told = `${id}-told`;
  /** @param {unknown} next */
  const choose = (next) => onChoose(field.name, next);
  return html`<div class="setting ${field.kind} ${isOwn ? "own" : ""} ${isWrong ? "wrong" : ""}" title=${isTold ? "" : field.description}>
    <label for=${id}>${fieldName(field.name)}</label>
    ${input(field, value, { id, "aria-describedby": told, "aria-invalid": isWrong }, choose)}
    <p id=${told} class=${isTold ? "meaning" : "unseen"}>${field.description}</p>
  </div>`;
}

/**
 * @param {Field} field
 * @param {unknown} value
 * @param {Record<string, unknown>} own  attributes that every kind has
 * @param {(next: unknown) => void} choose
 */
function input(field, value, own, choose) {
  if (field.kind === "choice") {
    const name =
      field.name === "method" ? methodName : (/** @type {string} */ text) => text.replaceAll("_", " ");
    return html`<select ...${own} value=${value} onChange=${chosen(choose)}>
      ${field.choices.map((one) => html`<option value=${one} selected=${one === value}>${name(one)}</option>`)}
    </select>`;
  }
  if (field.kind === "switch") {
    return html`<input ...${own} type="checkbox" role="switch" checked=${value}
      onChange=${checked(choose)} />`;
  }
  if (field.kind === "number") {
    return html`<input ...${own} type="number" value=${value} min=${field.minimum}
      max=${field.maximum} step=${field.isWhole ? 1 : "any"} onInput=${numbered(choose)} onChange=${numbered(choose)} />`;
  }
  return html`<input ...${own} type="text" value=${value} onChange=${chosen(choose)} />`;
}

/** @param {(next: unknown) => void} choose */
const chosen = (choose) => (/** @type {Event} */ event) =>
  choose(/** @type {HTMLSelectElement | HTMLInputElement} */ (event.currentTarget).value);
/** @param {(next: unknown) => void} choose */
const checked = (choose) => (/** @type {Event} */ event) =>
  choose(/** @type {HTMLInputElement} */ (event.currentTarget).checked);
/**
 * At every key, so that Ctrl-Enter draws with what is seen; a field left empty is as usual again.
 * @param {(next: unknown) => void} choose
 */
const numbered = (choose) => (/** @type {Event} */ event) => {
  const field = /** @type {HTMLInputElement} */ (event.currentTarget);
  if (!Number.isNaN(field.valueAsNumber)) choose(field.valueAsNumber);
  else if (event.type === "change") choose(null);
};
