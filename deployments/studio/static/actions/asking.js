/** Asking the service: what goes wrong becomes a message, and a missing key a question. */

import { ApiError, key } from "../api.js";
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
  const isKey = cause instanceof ApiError && cause.status === 401;
  if (isKey) store.set({ needsKey: true });
  if (isKey && !key()) return;
  const problem = problemOf(cause);
  const before = store.get().problem;
  // What is said already is not said again.
  if (before?.title !== problem.title || before.detail !== problem.detail) store.set({ problem });
}
