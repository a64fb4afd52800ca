/** A picture of a run; where a key is needed its bytes are fetched with it. */

import { artefact, picture } from "../api.js";
import { html, useEffect, useState } from "../vendor/preact.js";

/**
 * @param {{run: string, name?: string | null, preview?: string | null, alt: string}} props  `name` is the
 *   artefact's; until it is there, the preview
 */
export function Picture({ run, name, preview, alt }) {
  const source = useAddress(name ? artefact(run, name) : null) ?? preview;
  if (!source) return html`<div class="blank" role="img" aria-label=${alt}></div>`;
  return html`<img src=${source} alt=${alt} class=${name ? "whole" : "coming"} draggable=${false} />`;
}

/**
 * @param {string | null} path
 * @returns {string | null}
 */
function useAddress(path) {
  const direct = path === null ? null : picture(path);
  const [fetched, setFetched] = useState(/** @type {{path: string, url: string} | null} */ (null));
  useEffect(() => {
    if (path === null || direct === null || typeof direct === "string") return;
    direct.then((url) => setFetched({ path, url })).catch(() => undefined);
  }, [path]);
  if (typeof direct === "string") return direct;
  return fetched?.path === path ? fetched.url : null;
}
