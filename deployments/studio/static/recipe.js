/** The calls that make the same picture: curl, Python, the command line. Pure functions. */

/** @import { Row, Settings } from "./types.js" */

/** Options of their own on the command line; the rest go by --set. */
const OPTIONS = new Set(["seed", "steps", "candidates", "method"]);
const NOT_SET = new Set(["prompt", "box", "picture"]);

/**
 * The request that makes the picture of a run alone: of a correction, its first run's with the box.
 * @param {Row} first
 * @param {Row} row
 * @returns {Settings}
 */
export function requestOf(first, row) {
  if (row.id === first.id) return first.request;
  const { picture, ...given } = row.request;
  // A correction by hand is not judged.
  return { ...first.request, ...given, look_again: false };
}

/**
 * @param {Settings} request
 * @param {string} origin
 * @param {boolean} needsKey
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

/** @param {Settings} request @param {string} origin @param {boolean} needsKey */
function curl(request, origin, needsKey) {
  const unpack =
    "import base64,json,sys; open('picture.png','wb').write(base64.b64decode(json.load(sys.stdin)['data'][0]['b64_json']))";
  return [
    `curl -s ${origin}/v1/images/generations`,
    "  -H 'Content-Type: application/json'",
    ...(needsKey ? ['  -H "Authorization: Bearer $KEY"'] : []),
    `  -d ${quoted(JSON.stringify(request))}`,
    `  | python3 -c "${unpack}"`,
  ].join(" \\\n");
}

/** @param {Settings} request @param {string} origin @param {boolean} needsKey */
function python({ prompt, ...rest }, origin, needsKey) {
  const key = needsKey ? 'os.environ["KEY"]' : '"none"';
  const lines = Object.entries(rest).map(
    ([name, value]) => `        ${JSON.stringify(name)}: ${literal(value)},`,
  );
  return [
    "import base64",
    ...(needsKey ? ["import os"] : []),
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url="${origin}/v1", api_key=${key})`,
    "answer = client.images.generate(",
    `    prompt=${JSON.stringify(prompt)},`,
    "    extra_body={",
    ...lines,
    "    },",
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
function command(request, origin) {
  const parts = [`record generate ${quoted(String(request.prompt))} -o picture.png --url ${origin}`];
  for (const [name, value] of Object.entries(request)) {
    if (OPTIONS.has(name)) parts.push(`--${name} ${value}`);
    else if (name === "box") parts.push(`--box ${/** @type {number[]} */ (value).join(",")}`);
    else if (!NOT_SET.has(name)) parts.push(`--set ${name}=${value}`);
  }
  return parts.join(" \\\n  ");
}
