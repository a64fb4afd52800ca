/** The page's state in one place. Views are functions of it; actions change it. */

/** @import { State } from "./types.js" */

/**
 * A value that can be watched; watchers hear of many changes at once, before the next frame.
 * @template T
 * @param {T} first
 */
export function createStore(first) {
  let state = first;
  let isTold = true;
  /** @type {Set<(state: T) => void>} */
  const watchers = new Set();

  function tell() {
    isTold = true;
    for (const watcher of watchers) watcher(state);
  }

  return {
    get: () => state,
    /** @param {Partial<T>} changes */
    set(changes) {
      state = { ...state, ...changes };
      if (isTold) queueMicrotask(tell);
      isTold = false;
    },
    /** @param {(state: T) => void} watcher */
    subscribe(watcher) {
      watchers.add(watcher);
      watcher(state);
      return () => watchers.delete(watcher);
    },
    /**
     * The state as soon as it passes a test.
     * @param {(state: T) => boolean} test
     * @returns {Promise<T>}
     */
    until(test) {
      return new Promise((resolve) => {
        const leave = this.subscribe(look);
        /** @param {T} now */
        function look(now) {
          if (!test(now)) return;
          resolve(now);
          queueMicrotask(() => leave());
        }
      });
    },
  };
}

/** @type {State} */
const FIRST = {
  view: "studio",
  card: null,
  fields: {},
  prompt: "",
  given: {},
  shown: "",
  runs: {},
  versions: [],
  trail: [],
  plain: {},
  picture: 0,
  links: {},
  isBusy: false,
  beside: "",
  other: "",
  problem: null,
  needsKey: false,
  editing: null,
  seen: { found: true, proposed: true, pose: true, person: false, map: false, mask: false },
  history: { rows: [], hasMore: false, isLoading: false, isKnown: false },
  grid: null,
  status: null,
};

export const store = createStore(FIRST);
