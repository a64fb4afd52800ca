/** A run's server-sent events by fetch, which can send a key and Last-Event-ID; EventSource cannot. */

import { ApiError, open } from "./api.js";

/** @import { Told } from "./types.js" */

const SILENT_MS = 40_000; // the service says something every 15 s
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5_000;

/**
 * Hear every event from number `after` on, across lost connections, until the run is over.
 * @param {string} run
 * @param {number} after
 * @param {(told: Told, number: number) => void} hear
 * @param {(link: "lost" | "back") => void} link
 * @param {AbortSignal} signal
 * @throws {ApiError} where asking again is of no use
 */
export async function follow(run, after, hear, link, signal) {
  let last = after;
  let wait = FIRST_WAIT_MS;
  let isLost = false;
  while (!signal.aborted) {
    try {
      const { body, awake } = await connect(run, last, signal);
      if (isLost) link("back");
      isLost = false;
      for await (const { id, data } of messages(body, awake)) {
        if (signal.aborted) return;
        wait = FIRST_WAIT_MS;
        last = Math.max(last, id);
        hear(data, last);
        if (isEnd(data)) return;
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (isFinal(cause)) throw cause;
    }
    link("lost");
    isLost = true;
    await pause(wait, signal);
    wait = Math.min(2 * wait, LONGEST_WAIT_MS);
  }
}

/** @param {Told} told */
const isEnd = (told) => told.event.startsWith("run.") && told.event !== "run.accepted";

/** @param {unknown} cause */
const isFinal = (cause) =>
  cause instanceof ApiError &&
  cause.status >= 400 &&
  cause.status < 500 &&
  cause.status !== 429 &&
  !cause.isPassing;

/**
 * @param {string} run
 * @param {number} last
 * @param {AbortSignal} signal
 */
async function connect(run, last, signal) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENT_MS);
  const awake = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENT_MS);
    return () => clearTimeout(timer);
  };
  try {
    const response = await open(`v1/runs/${run}/events`, {
      headers: { "Last-Event-ID": String(last), Accept: "text/event-stream" },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.body) throw new ApiError(0, { message: "the events have no body" });
    return { body: response.body, awake };
  } catch (cause) {
    clearTimeout(timer);
    throw cause;
  }
}

/**
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {() => () => void} awake  called for every chunk; its result ends the watch
 * @returns {AsyncGenerator<{id: number, data: Told}>}
 */
async function* messages(body, awake) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      awake();
      const parts = (text + value.replaceAll("\r", "")).split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const message = parsed(part);
        if (message) yield message;
      }
    }
  } finally {
    awake()();
    reader.cancel().catch(() => undefined);
  }
}

/** @param {string} part */
function parsed(part) {
  let id = 0;
  const data = [];
  for (const line of part.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === "id") id = Number(value);
    if (name === "data") data.push(value);
  }
  return data.length ? { id, data: JSON.parse(data.join("\n")) } : null;
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms, undefined);
    signal.addEventListener("abort", resolve, { once: true });
  });
}
