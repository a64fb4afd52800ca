/** Asking the service: what goes wrong becomes a message, and a missing key a question. */

import { ApiError } from "../api.js";
import { store } from "../store.js";
import { problemOf } from "../words.js";

/**
 * Do something; what goes wrong becomes a message, and a missing key a question.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function trying(work) {
  try {
    return await work();
  } catch (cause) {
    fail(cause);
    return undefined;
  }
}

/** @param {unknown} cause */
export function fail(cause) {
  if (cause instanceof ApiError && cause.status === 401) store.set({ needsKey: true });
  else store.set({ problem: problemOf(cause) });
}
