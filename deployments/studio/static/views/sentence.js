/** The sentence: written on one line that wraps, sent by Enter, and gone to where it is what is wrong. */

import { html, useEffect, useRef } from "../vendor/preact.js";

/** @import { Problem } from "../types.js" */

/**
 * @param {{id: string, label: string, rows: number, value: string, problem: Problem | null,
 *   onWrite: (text: string) => void}} props
 */
export function Sentence({ id, label, rows, value, problem, onWrite }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const isWrong = problem?.param === "prompt";
  useEffect(() => {
    if (isWrong) field.current?.focus();
  }, [problem]);
  /** @param {InputEvent & {currentTarget: HTMLTextAreaElement}} event */
  const write = (event) => onWrite(event.currentTarget.value.replaceAll("\n", " "));
  return html`<div class="sentence">
    <label for=${id}>${label}</label>
    <textarea
      id=${id}
      ref=${field}
      rows=${rows}
      maxlength="1000"
      placeholder="a woman is kicking a ball"
      value=${value}
      aria-invalid=${isWrong}
      onInput=${write}
      onKeyDown=${send}
    ></textarea>
  </div>`;
}

/** @param {KeyboardEvent & {currentTarget: HTMLTextAreaElement}} event */
function send(event) {
  if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (!event.repeat) event.currentTarget.form?.requestSubmit();
}
