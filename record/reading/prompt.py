"""From a prompt to who does what with what, and where in the text each of them stands (section 3.2).

Reading is by word classes and word order alone: no language model, no tables of objects. The verb
has a subject before it and an object behind it: the first "is riding" of the prompt, else the first
"riding", "rides" or "juggles the", else "to ride", "rode a" or "perched on". Where this fails the
caller gives the triplet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from record.errors import PromptError
from record.reading.clauses import Clause, find_clause
from record.reading.phrases import Span, split_words

LONGEST_PROMPT = 1000
"""Characters; a text encoder reads far fewer."""


@dataclass(frozen=True)
class Triplet:
    """Who (`subject`) does what (`verb`, with its `preposition` or "") with what (`object`)."""

    subject: str
    verb: str
    object: str
    preposition: str = ""


@dataclass(frozen=True)
class Prompt:
    """A prompt that has been read.

    `intransitive` is the prefix of `text` that ends with the verb: the preposition and the object
    phrase are left out. `spans` has the characters of "subject", "verb" and "object".
    """

    text: str
    intransitive: str
    triplet: Triplet
    spans: Mapping[str, Span]


def parse(text: str, triplet: Triplet | None = None) -> Prompt:
    """Read a prompt; a given triplet is looked up in the text and not guessed.

    Raises PromptError for an empty or overlong prompt, for one in which no human-object
    interaction is found, and for a triplet whose words do not stand in the text.
    """
    text = text.strip()
    if not text:
        raise PromptError(
            "the prompt is empty: say who does what with what", param="prompt", code="empty_prompt"
        )
    if len(text) > LONGEST_PROMPT:
        raise PromptError(
            f"the prompt has {len(text)} characters, more than {LONGEST_PROMPT}: shorten it",
            param="prompt",
            code="prompt_too_long",
        )
    return _look_up(text, triplet) if triplet else _read(text)


def token_indices(offsets: Sequence[tuple[int, int]], span: Span) -> tuple[int, ...]:
    """Positions of the tokens that share a character with `span`.

    `offsets` is a fast tokenizer's offset mapping, start and end characters of each token; special
    tokens and padding are empty there, (0, 0), and never match.
    """
    start, end = span
    return tuple(i for i, (left, right) in enumerate(offsets) if max(left, start) < min(right, end))


def _read(text: str) -> Prompt:
    clause = find_clause(text)
    if clause.object is None or clause.subject is None or clause.verb is None:
        raise PromptError(
            f"no human-object interaction found in {text!r} (read: {_what_was_read(text, clause)}). Say who "
            'does what with what ("a woman is kicking a ball"), or give a triplet of subject, verb, object',
            param="prompt",
            code="no_interaction",
        )
    spans = {"subject": clause.subject, "verb": clause.verb, "object": clause.object}
    named = {role: text[start:end] for role, (start, end) in spans.items()}
    preposition = text[slice(*clause.preposition)] if clause.preposition else ""
    return Prompt(text, text[: clause.verb[1]], Triplet(**named, preposition=preposition), spans)


def _what_was_read(text: str, clause: Clause) -> str:
    parts = {"subject": clause.subject, "verb": clause.verb, "object": clause.object}
    return ", ".join(
        f"{role} {text[slice(*span)]!r}" if span else f"no {role}" for role, span in parts.items()
    )


def _look_up(text: str, triplet: Triplet) -> Prompt:
    triplet = _with_preposition_apart(triplet)
    subject = _find(text, "subject", triplet.subject, [triplet.subject], 0)
    verb = _find(text, "verb", triplet.verb, _forms(triplet.verb), subject[1])
    after = verb[1]
    if triplet.preposition:
        after = _find(text, "preposition", triplet.preposition, [triplet.preposition], after)[1]
    thing = _find(text, "object", triplet.object, [triplet.object], after)
    spans = {"subject": subject, "verb": verb, "object": thing}
    return Prompt(text, text[: verb[1]], triplet, spans)


def _with_preposition_apart(triplet: Triplet) -> Triplet:
    """Take "sitting on" as verb and preposition."""
    verb, _, rest = triplet.verb.strip().partition(" ")
    if not rest or triplet.preposition:
        return triplet
    return Triplet(triplet.subject, verb, triplet.object, rest.strip())


def _find(text: str, role: str, wanted: str, forms: Sequence[str], after: int) -> Span:
    """The first whole-word match behind character `after`, else anywhere in the text."""
    if not wanted.strip():
        raise PromptError(
            f"the triplet's {role} is empty: give a word of the prompt",
            param="triplet",
            code="invalid_triplet",
        )
    for start in (after, 0):
        for form in forms:
            words = r"\s+".join(re.escape(word) for word in form.split())
            found = re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE).search(text, start)
            if found:
                return found.span()
    raise PromptError(
        f"the triplet's {role} {wanted!r} does not stand in the prompt {text!r}: "
        f"use words of the prompt (it has {', '.join(word.text for word in split_words(text))})",
        param="triplet",
        code="invalid_triplet",
    )


def _forms(verb: str) -> list[str]:
    """The verb as given, and the forms a prompt may have of it: "ride" also finds "riding"."""
    stem = verb.strip()
    endings = [stem + "ing", stem.removesuffix("e") + "ing", stem.removesuffix("ie") + "ying"]
    return [stem, *endings, stem + stem[-1:] + "ing", stem + "s", stem + "es"]
