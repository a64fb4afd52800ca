/** The settings of a request, as /openapi.json describes them. */

/** @import { Card, Field, Settings } from "./types.js" */

/** Those that people change; the rest is folded. */
export const IN_SIGHT = ["method", "seed", "candidates", "steps", "corrections", "look_again"];

/**
 * @param {any} openapi
 * @param {Card} card
 * @returns {Record<string, Field>}
 */
export function fieldsOf(openapi, card) {
  const known = openapi.components.schemas.GenerationRequest.properties;
  const names = Object.keys(known).filter((name) => name in card.settings);
  return Object.fromEntries(names.map((name) => [name, fieldOf(name, known[name])]));
}

/**
 * @param {string} name
 * @param {any} told  a JSON schema, perhaps of "this or null"
 * @returns {Field}
 */
function fieldOf(name, told) {
  const type = told.anyOf?.find((/** @type {any} */ one) => one.type !== "null") ?? told;
  const isNumber = type.type === "integer" || type.type === "number";
  return {
    name,
    description: told.description ?? "",
    kind: type.enum ? "choice" : type.type === "boolean" ? "switch" : isNumber ? "number" : "text",
    choices: type.enum ?? [],
    minimum: type.minimum ?? type.exclusiveMinimum,
    maximum: type.maximum ?? (type.exclusiveMaximum && type.exclusiveMaximum - 1),
    isWhole: type.type === "integer",
  };
}

/**
 * Settings with one changed; what is as usual is left out.
 * @param {Settings} given
 * @param {Card} card
 * @param {string} name
 * @param {unknown} value
 * @returns {Settings}
 */
export function changed(given, card, name, value) {
  const next = { ...given, [name]: value };
  if (value === card.settings[name] || value === null) delete next[name];
  return next;
}
