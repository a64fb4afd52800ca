/** What the service says, in words that a person understands. */

import { ApiError } from "./api.js";

/** @import { Problem, Row, RunView, Settings } from "./types.js" */

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

/** Methods that draw the object into a box: a draft is looked at first, where no box is given. */
const BOXED = new Set(["boxdiff", "multidiffusion", "lmd", "interactdiffusion"]);

/**
 * The stages a run is likely to have.
 * @param {RunView} run
 * @param {Settings} [usual]  what settings are where nothing is said
 * @returns {string[]}
 */
export function expected({ row }, usual = {}) {
  const method = row?.method ?? "record";
  if (row?.parent) return [BOXED.has(method) ? "draw" : "correct"];
  const { box, candidates, correction, look_again } = { ...usual, ...row?.request };
  if (BOXED.has(method)) return box ? ["draw"] : ["propose", "analyse", "lay_out", "draw"];
  if (method !== "record") return ["propose"];
  const seen = ["propose", ...(candidates === 1 ? [] : ["select"]), "analyse"];
  if (correction === false) return seen;
  return [...seen, ...(box ? [] : ["lay_out"]), "correct", ...(look_again ? ["judge"] : [])];
}

/**
 * Where a run is, in one line.
 * @param {RunView} run
 * @param {Settings} [usual]  what settings are where nothing is said
 * @param {number} [picture]  which of its pictures
 */
export function standing(run, usual, picture) {
  if (run.status === "waiting") return run.place ? waiting(run.place) : "Accepted";
  if (run.status === "cancelled") return "Stopped";
  if (run.status === "failed") return "No picture";
  if (run.status === "finished") {
    return run.seconds ? `Ready after ${seconds(run.seconds)}` : "Ready";
  }
  return `${stageName(ahead(run, usual, picture)[0] ?? "")} …`;
}

/**
 * The same where there is little room; nothing where the picture says it. @type {Record<Row["status"], string>}
 */
export const SHORT = {
  waiting: "waits",
  running: "is being drawn",
  finished: "",
  failed: "no picture",
  cancelled: "stopped",
};

/** @param {{position: number, running: number, seconds: number}} place */
function waiting(place) {
  const before = place.position + place.running;
  const ready = `ready in about ${seconds(place.seconds)}`;
  if (!before) return `About to begin, ${ready}`;
  return `Waiting: ${counted(before, "run")} before this one, ${ready}`;
}

/**
 * The stages of a picture that are not over, the one that it is in first; what was left out stays out.
 * @param {RunView} run
 * @param {Settings} [usual]  what settings are where nothing is said
 * @param {number} [picture]
 */
export function ahead(run, usual, picture = 0) {
  if (run.stories[picture]?.kept != null) return ["finish"];
  const all = expected(run, usual);
  const done = run.stages.flatMap((one) => (one.picture === picture ? all.indexOf(one.stage) : []));
  const rest = all.slice(Math.max(-1, ...done) + 1);
  return rest.length ? rest : ["finish"];
}

/**
 * What agents and judge say, with pictures numbered as the page numbers them.
 * @param {string} reason
 */
export const fromOne = (reason) =>
  reason
    .replace(/\bpicture (\d+)/g, (_, number) => `candidate ${Number(number) + 1}`)
    .replace(/\b(correction|story) (\d+)/g, (_, what, number) => `${what} ${Number(number) + 1}`);

/**
 * Why the candidate was kept or another picture taken, said once.
 * @param {{kept: string | null, judged: {reason: string} | null}} story
 * @returns {string[]}
 */
export function reasons({ kept, judged }) {
  const said = kept === null ? [] : [`Not corrected: ${kept}.`];
  if (judged && judged.reason !== kept) said.push(`${fieldName(judged.reason)}.`);
  return said.map(fromOne);
}

/**
 * Why the object of a picture cannot be moved; empty where it can.
 * @param {RunView} run
 * @param {{isAnalysed: boolean}} story
 */
export function whyNotMoved(run, story) {
  if (run.status !== "finished") return "It can be moved once the run is over.";
  if (story.isAnalysed) return "";
  return run.row?.method === "record"
    ? "Without the correction nothing was looked for; draw it with the correction to move it."
    : "This method looks for no object; draw it with ReCorD to move one.";
}

/**
 * What the layout agent sees in the candidate.
 * @param {Settings} layout
 */
export function layoutWords({ pose_type, body_orientation, facial_direction, object_relationship, reason }) {
  const parts = [
    pose_type && `a ${pose_type} pose`,
    body_orientation && `the body ${body_orientation}`,
    facial_direction && `looking ${facial_direction}`,
    object_relationship && `the object ${String(object_relationship).replace(" the person", "")} the person`,
  ].filter(Boolean);
  const said = reason ? ` ${fieldName(String(reason)).replace(/[.]?$/, ".")}` : "";
  return `The model sees ${parts.join(", ")}.${said}`;
}

/**
 * How many replicas a part has: " · 2 replicas, 1 starts".
 * @param {Record<string, number>} [replicas]
 */
export function replicasWords(replicas = {}) {
  const { running = 0, starting = 0, stopping = 0 } = replicas;
  const more = [starting && `${starting} starting`, stopping && `${stopping} stopping`].filter(Boolean);
  return [` · ${counted(running, "replica")}`, ...more].join(", ");
}

/**
 * A number of things: "1 run", "2 runs".
 * @param {number} count
 * @param {string} what
 */
export const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** @type {Record<string, string>} */
const LACKED = {
  select: "The language model did not choose a pose, so the first candidate was used.",
  lay_out: "The language model did not say where the object belongs, so it stays where it was.",
  judge: "The pictures could not be judged.",
};

/** @param {{stage: string, reason: string}} one */
export const degradedWords = ({ stage, reason }) =>
  stage === "look"
    ? { title: `${fieldName(reason)}.`, detail: "" }
    : { title: LACKED[stage] ?? `${stageName(stage)} went on without a part.`, detail: reason };

/** What is said instead of what the API tells programmers, by its code. @type {Record<string, string>} */
const INSTEAD = {
  run_not_found: "This run is not kept here, or not any more; the history shows those that are.",
  keys_needed: "This service gives no keys out, and answers only the machine that it runs on.",
  foreign_origin: "This service gives no keys out, and answers only pages of the machine that it runs on.",
};

/**
 * @param {unknown} cause
 * @returns {Problem}
 */
export function problemOf(cause) {
  if (!(cause instanceof ApiError)) return { title: "The page failed", detail: String(cause) };
  const told = INSTEAD[cause.code] ?? cause.message;
  const again = cause.retryAfter ? ` Try again in ${seconds(cause.retryAfter)}.` : "";
  return {
    title: titleOf(cause.status === 404 && cause.isPassing ? 0 : cause.status),
    detail: told + again,
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
