/** The calls that make the same picture: curl, Python, the command line. Pure functions. */

/** @import { Row, Settings } from "./types.js" */

/** Options of their own on the command line; the rest go by --set. */
const OPTIONS = new Set(["seed", "steps", "candidates", "method", "preset"]);
/** What a request says beside its settings, of what a picture depends on. */
const WORDS = ["prompt", "triplet", "box"];

/**
 * The request that makes the picture of a run alone. A correction is the candidate that it began with and
 * the box: one candidate, of that seed, corrected once and judged by nobody.
 * @param {Row[]} chain  the run and those that it corrects
 * @param {{number: number, seed: number | null, known: string[]}} picture  which of the run's pictures, its
 *   candidate's seed, and the names of all settings
 * @returns {Settings}
 */
export function requestOf(chain, { number, seed, known }) {
  const names = new Set([...WORDS, ...known]);
  const given = Object.assign({}, ...chain.map((row) => row.request));
  const request = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => names.has(name) && value != null),
  );
  const last = chain.at(-1);
  if (!last?.parent) {
    const own = last?.order?.settings[number]?.seed;
    return number && own !== undefined ? { ...request, seed: own } : request;
  }
  const { row_steps, ...free } = request;
  const alone = { candidates: 1, corrections: 1, best_of: 1, look_again: false };
  return { ...free, ...alone, seed: seed ?? request.seed ?? 0 };
}

/**
 * @param {Settings} request
 * @param {string} origin
 * @param {boolean} needsKey  read from RECORD_API_KEY by all three
 * @returns {{name: string, text: string}[]}
 */
export function recipes(request, origin, needsKey) {
  return [
    { name: "curl", text: curl(request, origin, needsKey) },
    { name: "Python", text: python(request, origin, needsKey) },
    { name: "Command line", text: command(request, origin) },
  ];
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
/** The same, bare where a shell takes it as it is. @param {string} text */
const word = (text) => (/^[\w.,:/=-]+$/.test(text) ? text : quoted(text));

/** @param {Settings} request @param {string} origin @param {boolean} needsKey */
function curl(request, origin, needsKey) {
  const unpack =
    "import base64,json,sys; open('picture.png','wb').write(base64.b64decode(json.load(sys.stdin)['data'][0]['b64_json']))";
  return [
    `curl -s ${word(`${origin}/v1/images/generations`)}`,
    "  -H 'Content-Type: application/json'",
    ...(needsKey ? ['  -H "Authorization: Bearer $RECORD_API_KEY"'] : []),
    `  -d ${quoted(JSON.stringify(request))}`,
    `  | python3 -c "${unpack}"`,
  ].join(" \\\n");
}

/** @param {Settings} request @param {string} origin @param {boolean} needsKey */
function python({ prompt, ...rest }, origin, needsKey) {
  const key = needsKey ? 'os.environ["RECORD_API_KEY"]' : '"none"';
  const lines = Object.entries(rest).map(
    ([name, value]) => `        ${JSON.stringify(name)}: ${literal(value)},`,
  );
  return [
    "import base64",
    ...(needsKey ? ["import os"] : []),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url=${JSON.stringify(`${origin}/v1`)}, api_key=${key})`,
    "answer = client.images.generate(",
    `    prompt=${JSON.stringify(prompt)},`,
    ...(lines.length ? ["    extra_body={", ...lines, "    },"] : []),
    ")",
    'open("picture.png", "wb").write(base64.b64decode(answer.data[0].b64_json))',
  ].join("\n");
}

/** A JSON value as Python writes it. @param {unknown} value @returns {string} */
function literal(value) {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object" && value) {
    const parts = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one)}`);
    return `{${parts.join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** @param {Settings} request @param {string} origin */
function command({ prompt, ...rest }, origin) {
  const parts = [`record generate ${quoted(String(prompt))} -o picture.png --url ${word(origin)}`];
  for (const [name, value] of Object.entries(rest)) parts.push(option(name, value));
  return parts.join(" \\\n  ");
}

/** @param {string} name @param {unknown} value */
function option(name, value) {
  if (name === "box") return `--box ${/** @type {number[]} */ (value).join(",")}`;
  if (name === "triplet") {
    const { subject, verb, object, preposition } = /** @type {Record<string, string>} */ (value);
    return `--triplet ${word([subject, verb, object, preposition].filter(Boolean).join(","))}`;
  }
  if (OPTIONS.has(name)) return `--${name} ${word(String(value))}`;
  return `--set ${word(`${name}=${value}`)}`;
}
