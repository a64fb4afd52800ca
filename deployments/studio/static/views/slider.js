/** A picture over another one, up to a line that can be moved. */

import { html, useState } from "../vendor/preact.js";

/**
 * @param {{name: string, told?: string, own?: string, children?: unknown}} props  what the other one is
 *   called, beside it and in a sentence, and the result
 */
export function Slider({ name, told = `the ${name}`, own = "result", children }) {
  const [share, setShare] = useState(50);
  /** @param {InputEvent & {currentTarget: HTMLInputElement}} event */
  const slide = (event) => setShare(event.currentTarget.valueAsNumber);
  return html`<div class="compared" style=${{ "--share": `${share}%` }}>
    <div class="other">${children}</div>
    <span class="tag left">${name}</span><span class="tag right">${own}</span>
    <input
      type="range"
      min="0"
      max="100"
      value=${share}
      onInput=${slide}
      aria-label=${`How much of ${told} is shown`}
    />
  </div>`;
}
