/** What the page's modules need of a browser, and a service that answers as a test says. */

const kept = new Map();
const globals = {
  sessionStorage: {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
  },
  document: { baseURI: "http://studio.test/" },
  location: { hash: "" },
  history: { pushState: go, replaceState: go },
};
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function go(_state, _title, hash) {
  location.hash = hash;
}

const { store } = await import("../../../deployments/studio/static/store.js");
const { tend } = await import("../../../deployments/studio/static/actions/following.js");
const FIRST = structuredClone(store.get());
store.subscribe(tend);

/** Everything that was asked for since `begin`: "GET v1/runs/a/events" and so on. */
export const asked = [];

/**
 * A page as it is opened, over a service of which `answer` is a function of what is asked.
 * @param {(request: string, init: RequestInit) => Response | Promise<Response>} answer
 */
export function begin(answer) {
  asked.length = 0;
  kept.clear();
  location.hash = "";
  store.set(structuredClone(FIRST));
  globalThis.fetch = async (url, init = {}) => {
    const request = `${init.method ?? "GET"} ${new URL(url).href.slice("http://studio.test/".length)}`;
    asked.push(request);
    return answer(request, init);
  };
  return store;
}

export const json = (body, status = 200) => Response.json(body, { status });

export const refusal = (status, code, message = code) => json({ error: { code, message } }, status);

export const row = (id, more = {}) => ({
  id,
  status: "running",
  parent: null,
  prompt: "a man is kicking a ball",
  method: "record",
  request: {},
  error: null,
  ...more,
});

/** Events as a stream; one that is `open` stays so until its request is aborted. */
export function stream(init, events, { open = false } = {}) {
  const text = events.map(([id, told]) => `id: ${id}\ndata: ${JSON.stringify(told)}\n\n`).join("");
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (!open) controller.close();
      init.signal?.addEventListener("abort", () => controller.error(init.signal.reason), { once: true });
    },
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

export const FINISHED = { event: "run.finished", degraded: false };

/** Once nothing is left to do before the next timer. */
export const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** A promise, and the function that keeps it. */
export function promised() {
  let keep;
  const promise = new Promise((resolve) => {
    keep = resolve;
  });
  return { promise, keep };
}
