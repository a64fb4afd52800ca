/** How the guidance's losses fell, a line each. */

import { html } from "../vendor/preact.js";
import { fieldName } from "../words.js";

const [WIDE, HIGH] = [320, 90];

/** @param {{losses: Record<string, number[]>}} props */
export function Losses({ losses }) {
  const lines = Object.entries(losses).filter(([, values]) => values.length > 1);
  if (!lines.length) return null;
  const most = Math.max(...lines.flatMap(([, values]) => values));
  const told = lines.map(
    ([name, values]) => `${fieldName(name)} ${values[0]?.toFixed(3)} to ${values.at(-1)?.toFixed(3)}`,
  );
  return html`<figure class="losses">
    <svg viewBox=${`0 0 ${WIDE} ${HIGH}`} role="img" aria-label=${`Losses: ${told.join("; ")}`}>
      ${lines.map(([name, values], number) => html`<polyline key=${name} class=${`line${number % 3}`} points=${points(values, most)} />`)}
    </svg>
    <figcaption class="faint">
      ${told.map(
        (text, number) => html`<span key=${text}>
          <svg viewBox="0 0 24 8" aria-hidden="true"><polyline class=${`line${number % 3}`} points="0,4 24,4" /></svg>${text}
        </span>`,
      )}
    </figcaption>
  </figure>`;
}

/** @param {number[]} values @param {number} most */
const points = (values, most) =>
  values
    .map(
      (value, step) =>
        `${(step / (values.length - 1)) * WIDE},${HIGH - 4 - (value / (most || 1)) * (HIGH - 8)}`,
    )
    .join(" ");
