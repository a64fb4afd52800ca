/** Begins the page: state, address and view are brought together here. */

import { tend } from "./actions/following.js";
import { begin, generate, readHash } from "./actions/page.js";
import { store } from "./store.js";
import { html, render } from "./vendor/preact.js";
import { Shell } from "./views/shell.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.replaceChildren();
store.subscribe((state) => render(html`<${Shell} state=${state} />`, root));
store.subscribe(tend);

addEventListener("popstate", () => readHash());
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && store.get().view === "studio") {
    event.preventDefault();
    if (!event.repeat) generate();
  }
});

await begin();
await readHash();
