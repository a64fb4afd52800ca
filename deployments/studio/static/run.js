/** A run as its events tell it: told(view, event) is a pure function. */

/** @import { Box, Drawn, Row, RunView, Settings, Story, Told } from "./types.js" */

/** @returns {Story} */
export const emptyStory = () => ({
  candidates: [],
  chosen: null,
  poses: [],
  choice: "",
  isAnalysed: false,
  keypoints: null,
  person: null,
  found: null,
  proposed: null,
  layout: null,
  note: "",
  kept: null,
  passes: [],
  judged: null,
  degraded: [],
  losses: {},
  image: null,
});

/**
 * @param {string} id
 * @param {Row | null} [row]
 * @returns {RunView}
 */
export const emptyRun = (id, row = null) => ({
  id,
  row,
  status: row?.status === "running" ? "running" : "waiting",
  last: 0,
  attempt: 1,
  place: null,
  stages: [],
  seconds: 0,
  stories: [],
  error: null,
  events: [],
});

/** @param {RunView} run */
export const isOver = (run) => ["finished", "failed", "cancelled"].includes(run.status);

/**
 * A run and those that it corrects, the first one first.
 * @param {Record<string, RunView>} runs
 * @param {string} id
 * @returns {Row[]}
 */
export function chainOf(runs, id) {
  const row = runs[id]?.row;
  return row ? [...chainOf(runs, row.parent ?? ""), row] : [];
}

/**
 * The run after one more event.
 * @param {RunView} run
 * @param {Told & Record<string, any>} event
 * @param {number} number
 * @returns {RunView}
 */
export function told(run, event, number) {
  if ((event.attempt ?? run.attempt) > run.attempt) {
    run = { ...emptyRun(run.id, run.row), attempt: event.attempt ?? 1 };
  }
  const events = event.event === "progress" ? run.events : [...run.events, event];
  const next = { ...run, last: number, events };
  switch (event.event) {
    case "run.accepted":
      next.place = { position: event.position, running: event.running, seconds: event.ready_in_s };
      return { ...next, status: "waiting" };
    case "run.finished":
    case "run.failed":
    case "run.cancelled":
      next.status = /** @type {RunView["status"]} */ (event.event.slice(4));
      next.error = event.error ?? null;
      next.seconds = event.at ?? 0;
      return next;
    case "stage.timed":
      next.stages = [
        ...run.stages,
        { picture: event.picture ?? 0, stage: event.stage, seconds: event.seconds },
      ];
      break;
    case "progress":
      next.stories = event.steps.reduce(stepped, run.stories);
      break;
    default:
      next.stories = withStory(run.stories, event.picture ?? 0, (story) => happened(story, event));
  }
  return { ...next, status: "running", place: null };
}

/**
 * @param {Story[]} stories
 * @param {number} picture
 * @param {(story: Story) => Story} change
 */
function withStory(stories, picture, change) {
  const copy = [...stories];
  while (copy.length <= picture) copy.push(emptyStory());
  copy[picture] = change(/** @type {Story} */ (copy[picture]));
  return copy;
}

/**
 * @param {Story[]} stories
 * @param {{picture: number, index: number | null, step: number, steps: number, correction: number,
 *   preview: string | null, loss?: number | null}} step
 */
function stepped(stories, step) {
  const { picture, index, correction } = step;
  /** @param {Drawn} drawn */
  const change = (drawn) => ({
    ...drawn,
    step: step.step,
    steps: step.steps,
    preview: step.preview ?? drawn.preview,
  });
  return withStory(stories, picture, (story) =>
    index === null
      ? {
          ...story,
          passes: withDrawn(story.passes, correction, change),
          losses: withLoss(story.losses, correction, step.loss),
        }
      : { ...story, candidates: withDrawn(story.candidates, index, change) },
  );
}

/**
 * @param {Drawn[]} list
 * @param {number} index
 * @param {(drawn: Drawn) => Drawn} change
 */
function withDrawn(list, index, change) {
  const copy = [...list];
  while (copy.length <= index) copy.push(blank(copy.length));
  copy[index] = change(/** @type {Drawn} */ (copy[index]));
  return copy;
}

/**
 * @param {number} index
 * @returns {Drawn}
 */
const blank = (index) => ({
  index,
  step: 0,
  steps: 0,
  preview: null,
  image: null,
  map: null,
  seed: null,
});

/**
 * @param {Story} story
 * @param {Record<string, any>} event
 * @returns {Story}
 */
function happened(story, event) {
  switch (event.event) {
    case "candidate.ready":
      return { ...story, candidates: withDrawn(story.candidates, event.index, (one) => ready(one, event)) };
    case "correction.ready":
      return { ...story, passes: withDrawn(story.passes, event.index, (one) => ready(one, event)) };
    case "pose.selected":
      return { ...story, chosen: event.index, poses: event.poses, choice: event.reason };
    case "candidate.analysed":
      return {
        ...story,
        chosen: story.chosen ?? 0,
        isAnalysed: true,
        keypoints: event.keypoints,
        person: event.person_box,
        found: event.object_box,
        note: event.note,
      };
    case "layout.proposed":
      return { ...story, proposed: event.object_box, layout: event.layout };
    case "layout.kept":
      return { ...story, kept: event.reason };
    case "judged":
      return { ...story, judged: { chosen: event.chosen, reason: event.reason } };
    case "degraded":
      return { ...story, degraded: [...story.degraded, { stage: event.stage, reason: event.reason }] };
    case "image.ready":
      return { ...story, image: named(event, "image.png") ?? null };
    default:
      return story;
  }
}

/**
 * @param {Drawn} drawn
 * @param {Record<string, any>} event
 * @returns {Drawn}
 */
const ready = (drawn, event) => ({
  ...drawn,
  step: drawn.steps,
  seed: event.seed,
  image: named(event, "image.png") ?? null,
  map: named(event, "object_map.npy") ?? null,
});

/**
 * @param {Record<string, any>} event
 * @param {string} ending
 * @returns {string | undefined}
 */
const named = (event, ending) => event.artefacts?.find((/** @type {string} */ name) => name.endsWith(ending));

/**
 * @param {Record<string, number[]>} losses
 * @param {number} correction
 * @param {number | null | undefined} loss  what guidance read at this step, if it guides
 */
function withLoss(losses, correction, loss) {
  if (typeof loss !== "number") return losses;
  const name = correction ? `correction ${correction + 1}` : "correction";
  return { ...losses, [name]: [...(losses[name] ?? []), loss] };
}
