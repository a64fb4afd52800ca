/** Small buttons beside each other, of which some are pressed. */

import { html } from "../vendor/preact.js";

/**
 * @param {{label: string, choices: [string, string][], isPressed: (name: string) => boolean,
 *   onPress: (name: any) => void, hasMark?: boolean}} props  choices are names with their
 *   texts; a mark has the colour of the class that the name is
 */
export function Chips({ label, choices, isPressed, onPress, hasMark }) {
  return html`<span class="layers" role="group" aria-label=${label}>
    ${choices.map(
      ([name, text]) => html`<button
        type="button"
        class="chip ${hasMark ? name : ""}"
        key=${name}
        aria-pressed=${isPressed(name) ? "true" : "false"}
        onClick=${() => onPress(name)}
      >
        ${hasMark && html`<i></i>`}${text}
      </button>`,
    )}
  </span>`;
}
