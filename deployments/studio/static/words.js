/** What the service says, in words that a person understands. */

import { ApiError } from "./api.js";

/** @import { Card, Problem, RunView } from "./types.js" */

/** @type {Record<string, string>} */
const STAGES = {
  propose: "Draw candidates",
  select: "Choose the pose",
  analyse: "Look at it",
  lay_out: "Place the object",
  correct: "Correct",
  judge: "Judge",
  judge_stories: "Judge the pictures",
  finish: "Finish",
  draw: "Draw",
};

/** @type {Record<string, string>} */
const METHODS = {
  record: "ReCorD",
  plain: "Plain",
  attend_and_excite: "Attend-and-Excite",
  boxdiff: "BoxDiff",
  multidiffusion: "MultiDiffusion",
  lmd: "LMD",
  interactdiffusion: "InteractDiffusion",
  images_api: "Another images API",
};

/** @param {string} name */
export const stageName = (name) => STAGES[name] ?? fieldName(name);
/** @param {string} name */
export const methodName = (name) => METHODS[name] ?? fieldName(name);
/** @param {string} name */
export const fieldName = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

/** @param {number} value */
export function seconds(value) {
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 100) return `${Math.round(value)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

/** @param {number} created  seconds since 1970 */
export const moment = (created) =>
  new Date(created * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/**
 * The stages a run is likely to have.
 * @param {RunView} run
 */
export function expected({ row }) {
  if (row?.parent) return ["correct"];
  return (row?.method ?? "record") === "record"
    ? ["propose", "select", "analyse", "lay_out", "correct"]
    : ["propose"];
}

/**
 * Where a run is, in one line.
 * @param {RunView} run
 */
export function standing(run) {
  if (run.status === "waiting") return run.place ? waiting(run.place) : "Accepted";
  if (run.status === "cancelled") return "Stopped";
  if (run.status === "failed") return "No picture";
  if (run.status === "finished") {
    const total = run.stages.reduce((sum, one) => sum + one.seconds, 0);
    return total ? `Ready after ${seconds(total)}` : "Ready";
  }
  return `${stageName(current(run))} …`;
}

/** @param {{position: number, running: number, seconds: number}} place */
function waiting(place) {
  const before = place.position + place.running;
  const ready = `ready in about ${seconds(place.seconds)}`;
  if (!before) return `About to begin, ${ready}`;
  return `Waiting: ${before} ${before === 1 ? "run" : "runs"} before this one, ${ready}`;
}

/**
 * The stage a run is in.
 * @param {RunView} run
 */
export function current(run) {
  const done = new Set(run.stages.map((one) => one.stage));
  const story = run.stories[0];
  if (story?.passes.length && !story.image)
    return story.proposed && story.kept === null ? "correct" : "finish";
  return expected(run).find((stage) => !done.has(stage)) ?? "judge";
}

/** @type {Record<string, string>} */
const LACKED = {
  select: "The language model did not choose a pose, so the first candidate was used.",
  lay_out: "The language model did not say where the object belongs, so it stays where it was.",
  judge: "The pictures could not be judged.",
  look: "The last look found something missing.",
};

/** @param {{stage: string, reason: string}} one */
export const degradedWords = (one) => ({
  title: LACKED[one.stage] ?? `${stageName(one.stage)} went on without a part.`,
  detail: one.reason,
});

/**
 * @param {unknown} cause
 * @returns {Problem}
 */
export function problemOf(cause) {
  if (!(cause instanceof ApiError)) return { title: "The page failed", detail: String(cause) };
  const again = cause.retryAfter ? ` Try again in ${seconds(cause.retryAfter)}.` : "";
  return {
    title: titleOf(cause.status === 404 && cause.isPassing ? 0 : cause.status),
    detail: cause.message + again,
    param: cause.param,
  };
}

/** @param {number} status */
function titleOf(status) {
  if (status === 0) return "The service is not there";
  if (status === 401) return "That key does not fit";
  if (status === 403) return "Not from here";
  if (status === 404) return "That is gone";
  if (status === 429) return "The service is busy";
  if (status === 503) return "The service is not ready yet";
  if (status === 507) return "There is no room left";
  return status < 500 ? "That cannot be drawn" : "Something failed in the service";
}

/**
 * A sentence that the checkpoint can draw.
 * @param {Card} card
 * @param {number} number  each gives another one
 */
export function example(card, number) {
  /** @param {string[]} words @param {number} stride */
  const pick = (words, stride) => words[(number * stride) % words.length] ?? "";
  const subject = pick(card.subjects, 1);
  const verb = pick(card.verbs, 3);
  const object = pick(card.objects, 7);
  return `${withArticle(subject)} is ${verb} ${withArticle(object)}`;
}

/** @param {string} word */
const withArticle = (word) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
