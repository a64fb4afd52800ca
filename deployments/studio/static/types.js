/**
 * The shapes that pass between the modules; nothing here runs.
 *
 * @typedef {[number, number, number, number]} Box  x0, y0, x1, y1 in 0..1 of the picture
 * @typedef {Record<string, unknown>} Settings
 * @typedef {"" | "candidate" | "plain" | "version"} Beside  what the result is compared with
 * @typedef {"studio" | "history" | "compare" | "status"} View
 * @typedef {"well" | "lost" | "back" | "anew"} Link  how the events' connection is; "anew": a run began again
 *
 * @typedef {object} Card  what is served, of /v1/models
 * @property {string} id
 * @property {string} size
 * @property {string[]} subjects
 * @property {string[]} verbs
 * @property {string[]} objects
 * @property {Settings} settings  what each becomes where nothing is said
 *
 * @typedef {object} Field  a setting, of /openapi.json
 * @property {string} name
 * @property {string} description
 * @property {"choice" | "switch" | "number" | "text"} kind
 * @property {string[]} choices
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {boolean} isWhole
 *
 * @typedef {object} Problem  something went wrong, in words
 * @property {string} title
 * @property {string} detail
 * @property {string} [param]  the field to change
 *
 * @typedef {object} Row  a run as the API tells it
 * @property {string} id
 * @property {"waiting" | "running" | "finished" | "failed" | "cancelled"} status
 * @property {number} created  seconds since 1970
 * @property {number | null} started
 * @property {number | null} ended
 * @property {boolean} degraded
 * @property {string | null} parent
 * @property {string} prompt
 * @property {string} method
 * @property {number} pictures
 * @property {Settings} request
 * @property {{settings: Settings[]}} [order]  what every picture was drawn with; not in lists
 * @property {{message: string} | null} error
 *
 * @typedef {object} Drawn  a picture on its way, or ready
 * @property {number} index
 * @property {number} step
 * @property {number} steps
 * @property {string | null} preview  data: address
 * @property {string | null} image  artefact's name
 * @property {string | null} map  artefact's name of the object's attention map
 * @property {number | null} seed
 *
 * @typedef {object} Story  one of a run's pictures, and what led to it
 * @property {Drawn[]} candidates
 * @property {number | null} chosen
 * @property {string[]} poses
 * @property {string} choice  why that candidate
 * @property {boolean} isAnalysed
 * @property {number[][] | null} keypoints  33 of x, y, visibility
 * @property {Box | null} person
 * @property {Box | null} found
 * @property {Box | null} proposed
 * @property {Settings | null} layout
 * @property {string} note
 * @property {string | null} kept  why nothing was corrected
 * @property {Drawn[]} passes
 * @property {{chosen: number, reason: string} | null} judged
 * @property {{stage: string, reason: string}[]} degraded
 * @property {Record<string, number[]>} losses
 * @property {string | null} image  artefact's name of the result
 *
 * @typedef {object} RunView  a run as its events tell it
 * @property {string} id
 * @property {Row | null} row
 * @property {Row["status"]} status
 * @property {number} last  number of the last event heard
 * @property {number} attempt
 * @property {{position: number, running: number, seconds: number} | null} place  while it waits
 * @property {{picture: number, stage: string, seconds: number}[]} stages
 * @property {number} seconds  from asked to over; 0 until then
 * @property {Story[]} stories
 * @property {{message: string, code?: string} | null} error
 * @property {Settings[]} events  all but progress, for the trace
 *
 * @typedef {object} Told  an event of a run
 * @property {string} event
 * @property {number} [picture]
 * @property {number} [attempt]
 *
 * @typedef {object} Cell  of the grid: a method, a seed, and the run that draws it
 * @property {string} method
 * @property {number} seed
 * @property {string} run
 * @property {string} trouble
 *
 * @typedef {object} Grid
 * @property {number} id  each comparison has another
 * @property {string} prompt
 * @property {string[]} methods
 * @property {number[]} seeds
 * @property {Cell[]} cells
 * @property {boolean} isGoing
 *
 * @typedef {object} Editing  a box that is being drawn
 * @property {Box} box
 * @property {Box[]} before  what it was, for undo
 *
 * @typedef {object} Status  of /v1/status
 * @property {boolean} ready
 * @property {Record<string, string>} parts
 * @property {Record<string, {running: number, starting: number, stopping: number}>} replicas
 * @property {string} model
 * @property {number} waiting
 * @property {number} running
 * @property {number} row_steps
 * @property {number} row_steps_per_s
 * @property {number} idle_in_s
 * @property {Record<"finished" | "failed" | "cancelled", number>} last_minute
 * @property {number} up_s
 *
 * @typedef {"found" | "proposed" | "pose" | "person" | "map" | "mask"} Layer
 *
 * @typedef {object} State
 * @property {View} view
 * @property {Card | null} card
 * @property {Record<string, Field>} fields
 * @property {string} prompt
 * @property {Settings} given  settings that differ from what is usual
 * @property {string} shown  the run that is looked at
 * @property {Record<string, RunView>} runs
 * @property {string[]} versions  a run and its corrections, oldest first
 * @property {string[]} trail  versions looked at before, for undo
 * @property {Record<string, string>} plain  plain samples' runs, by the first version's id, "/" and the seed
 * @property {number} picture  which of the run's pictures
 * @property {Record<string, Link>} links  how the events' connection is, by run; none said is well
 * @property {boolean} isBusy  whether a run is being asked for
 * @property {Beside} beside
 * @property {string} other  the version that a person chose to compare with
 * @property {Problem | null} problem
 * @property {boolean} needsKey
 * @property {Editing | null} editing
 * @property {Record<Layer, boolean>} seen  what is drawn over the candidate
 * @property {{rows: Row[], hasMore: boolean, isLoading: boolean, isKnown: boolean}} history
 * @property {Grid | null} grid
 * @property {(Status & {isThere: boolean}) | null} status
 */
export {};
