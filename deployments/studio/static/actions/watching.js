/** What the other views show: runs that were, and the service's state. */

import { get } from "../api.js";
import { store } from "../store.js";
import { trying } from "./asking.js";

const PAGE = 24;

/**
 * A page of the history: the newest runs, or those after the ones that are there.
 * @param {boolean} isMore
 */
export async function loadHistory(isMore) {
  const { history } = store.get();
  const before = isMore ? `&before=${history.rows.at(-1)?.id}` : "";
  store.set({ history: { ...history, isLoading: true } });
  const page = await trying(() => get(`v1/runs?limit=${PAGE}${before}`));
  const rows = isMore ? history.rows : [];
  store.set({
    history: page
      ? { rows: [...rows, ...page.data], hasMore: page.has_more, isLoading: false, isKnown: true }
      : { ...history, isLoading: false },
  });
}

/** Ask how the service is; that it cannot be reached is an answer too. */
export async function loadStatus() {
  try {
    store.set({ status: { ...(await get("v1/status")), isThere: true } });
  } catch {
    const { status } = store.get();
    store.set({ status: status && { ...status, isThere: false } });
  }
}
