/** A call as people write it down: curl, Python, the command line. Pure functions. */

/** @import { Settings } from "./types.js" */
/** @import { Call } from "./recipe.js" */

/** Options of their own on the command line; the rest go by --set. */
const OPTIONS = {
  generate: new Set(["seed", "steps", "candidates", "method", "preset"]),
  correct: new Set(["steps", "picture"]),
};

/**
 * @param {Call} call
 * @param {string} origin
 * @param {boolean} needsKey  read from RECORD_API_KEY by all three
 * @returns {{name: string, text: string}[]}
 */
export function scripts({ corrects, request }, origin, needsKey) {
  const api = `${origin}/v1`;
  return [
    {
      name: "curl",
      text: corrects ? curlCorrects(api, request, needsKey, corrects) : curlDraws(api, request, needsKey),
    },
    {
      name: "Python",
      text: corrects ? corrected(request, origin, corrects) : drawn(request, origin, needsKey),
    },
    { name: "Command line", text: command(request, origin, corrects) },
  ];
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
/** The same, bare where a shell takes it as it is. @param {string} text */
const word = (text) => (/^[\w.,:/=-]+$/.test(text) ? text : quoted(text));

const KEY = '-H "Authorization: Bearer $RECORD_API_KEY"';

/** @param {string} address @param {Settings} request @param {boolean} needsKey @param {string} reader */
const sent = (address, request, needsKey, reader) =>
  [
    `curl -s ${word(address)}`,
    "  -H 'Content-Type: application/json'",
    ...(needsKey ? [`  ${KEY}`] : []),
    `  -d ${quoted(JSON.stringify(request))}`,
    `  | python3 -c "${reader}"`,
  ].join(" \\\n");

/** @param {string} api @param {Settings} request @param {boolean} needsKey */
function curlDraws(api, request, needsKey) {
  const unpack =
    "import base64,json,sys; open('picture.png','wb').write(base64.b64decode(json.load(sys.stdin)['data'][0]['b64_json']))";
  return sent(`${api}/images/generations`, request, needsKey, unpack);
}

/**
 * Asked, waited for by its events, and fetched.
 * @param {string} api
 * @param {Settings} request
 * @param {boolean} needsKey
 * @param {string} corrects
 */
function curlCorrects(api, request, needsKey, corrects) {
  const own = needsKey ? ` ${KEY}` : "";
  const read = "import json,sys; print(json.load(sys.stdin)['id'])";
  const address = `${word(`${api}/runs/`)}$RUN`;
  return [
    `RUN=$(${sent(`${api}/runs/${corrects}/corrections`, request, needsKey, read)})`,
    `curl -s -N -o /dev/null${own} ${address}/events`,
    `curl -s${own} ${address}/artefacts/0/image.png -o picture.png`,
  ].join("\n");
}

/** @param {Settings} request @param {string} origin @param {boolean} needsKey */
function drawn({ prompt, ...rest }, origin, needsKey) {
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

/** @param {Settings} request @param {string} origin @param {string} corrects */
function corrected(request, origin, corrects) {
  const given = Object.entries(request).map(([name, value]) => `, ${name}=${literal(value)}`);
  return [
    "from record_client import ReCorDClient",
    "",
    `with ReCorDClient(${JSON.stringify(origin)}) as client:`,
    `    drawing = client.correct(${JSON.stringify(corrects)}${given.join("")})`,
    '    drawing.image.save("picture.png")',
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

/** @param {Settings} request @param {string} origin @param {string} corrects */
function command({ prompt, ...rest }, origin, corrects) {
  const does = corrects ? `correct ${corrects}` : `generate ${quoted(String(prompt))}`;
  const own = OPTIONS[corrects ? "correct" : "generate"];
  const parts = [`record ${does} -o picture.png --url ${word(origin)}`];
  for (const [name, value] of Object.entries(rest)) parts.push(option(name, value, own));
  return parts.join(" \\\n  ");
}

/** @param {string} name @param {unknown} value @param {Set<string>} own */
function option(name, value, own) {
  if (name === "box") return `--box ${/** @type {number[]} */ (value).join(",")}`;
  if (name === "triplet") {
    const { subject, verb, object, preposition } = /** @type {Record<string, string>} */ (value);
    return `--triplet ${word([subject, verb, object, preposition].filter(Boolean).join(","))}`;
  }
  if (own.has(name)) return `--${name} ${word(String(value))}`;
  return `--set ${word(`${name}=${value}`)}`;
}
