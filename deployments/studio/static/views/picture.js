/** A picture of a run; where a key is needed its bytes are fetched with it. */

import { address, artefact, key, picture } from "../api.js";
import { html, useEffect, useState } from "../vendor/preact.js";

/** @typedef {{path: string, url: string}} Found  the url is empty where the picture cannot be had */

/** Pixels of a side: as wide as a card of the history gets on most screens. */
const SMALL = 320;

/**
 * @param {{run: string, name?: string | null, preview?: string | null, alt: string, isSmall?: boolean}} props
 *   `name` is the artefact's; until it is there, the preview. One that is small is one of many: it is loaded
 *   once it comes into sight
 */
export function Picture({ run, name, preview, alt, isSmall }) {
  const path = name ? artefact(run, name, isSmall ? SMALL : 0) : null;
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const own = key();
  useEffect(() => {
    if (path === null || !own) return;
    let isWanted = true;
    picture(path).then(
      (url) => isWanted && setFound({ path, url }),
      () => isWanted && setFound({ path, url: "" }),
    );
    return () => {
      isWanted = false;
    };
  }, [path, own]);
  const fetched = found?.path === path ? found?.url : undefined;
  if (fetched === "")
    return html`<div class="none" role="img" aria-label=${alt}>This picture cannot be loaded.</div>`;
  const source = fetched ?? (path !== null && !own ? address(path) : preview);
  if (!source) return html`<div class="blank" role="img" aria-label=${alt}></div>`;
  return html`<img
    src=${source}
    alt=${alt}
    class=${name ? "whole" : "coming"}
    draggable=${false}
    loading=${isSmall ? "lazy" : undefined}
    onError=${() => path !== null && setFound({ path, url: "" })}
  />`;
}
