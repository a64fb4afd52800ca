/** Sentences to begin with, of the words that the checkpoint knows. */

/** @import { Card } from "./types.js" */

/** For a checkpoint that lists no words: it knows them all. */
const GENERAL = [
  "a woman is kicking a ball",
  "a man is holding an umbrella",
  "a boy is flying a kite",
  "a girl is riding a bicycle",
  "a man is throwing a frisbee",
  "a woman is carrying a suitcase",
  "a boy is catching a ball",
  "a girl is pushing a cart",
];

/**
 * A sentence that the checkpoint can draw.
 * @param {Card} card
 * @param {number} number  each gives another one
 */
export function example(card, number) {
  if (!card.objects.length) return GENERAL[number % GENERAL.length] ?? "";
  /** @param {string[]} words @param {number} stride */
  const pick = (words, stride) => words[(number * stride) % words.length] ?? "";
  const subject = pick(card.subjects, 1);
  const verb = pick(card.verbs, 3);
  const object = pick(card.objects, 7);
  return `${withArticle(subject)} is ${verb} ${withArticle(object)}`;
}

/** @param {string} word */
const withArticle = (word) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
