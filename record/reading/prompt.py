"""From a prompt to who does what with what, and where in the text each of them stands (section 3.2).

Reading is by word classes and word order alone: no language model, no tables of objects. The verb
has a subject before it and an object behind it: the first "is riding" of the prompt, else the first
"riding", "rides" or "juggles the", else "to ride", "rode a" or "perched on"; in "a ball is being kicked
by a man" they stand the other way round. Where this fails the caller gives the triplet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from record.errors import PromptError
from record.reading import lexicon
from record.reading.clauses import Clause, find_clause
from record.reading.passive import gerund, is_plural
from record.reading.phrases import Span, split_words, whole_phrase
from record.shown import cut, shown

LONGEST_PROMPT = 1000
"""Characters; a text encoder reads far fewer."""


@dataclass(frozen=True)
class Triplet:
    """Who (`subject`) does what (`verb`, with its `preposition` or "") with what (`object`)."""

    subject: str
    verb: str
    object: str
    preposition: str = ""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """`subject,verb,object[,preposition]` as a triplet; ValueError where a part is missing."""
        parts = [part.strip() for part in text.split(",")]
        if len(parts) not in (3, 4) or not all(parts):
            raise ValueError(f"{text!r}: write subject,verb,object or subject,verb,object,preposition")
        return cls(*parts)


@dataclass(frozen=True)
class Prompt:
    """A prompt that has been read.

    `intransitive` says what is done without what it is done with: the prefix of `text` that ends with the
    verb, and where the object stands before the verb a sentence without it ("a man is kicking"). `spans`
    has the characters of "subject", "verb" and "object".
    """

    text: str
    intransitive: str
    triplet: Triplet
    spans: Mapping[str, Span]

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The prompt whose fields JSON tells; KeyError, TypeError or ValueError where one is missing."""
        spans = {role: (start, end) for role, (start, end) in told["spans"].items()}
        return cls(told["text"], told["intransitive"], Triplet(**told["triplet"]), spans)

    @property
    def object_phrase(self) -> Span:
        """The characters of the object with its article and adjectives."""
        thing, verb = self.spans["object"], self.spans["verb"]
        return whole_phrase(self.text, thing, verb[1] if verb[1] <= thing[0] else 0)

    @property
    def kept(self) -> tuple[tuple[Span, Span], ...]:
        """Which characters of `text` stand in `intransitive`, and where there; a verb in another form too."""
        whole = (0, len(self.intransitive))
        if self.text.startswith(self.intransitive):
            return ((whole, whole),)
        start, end = whole_phrase(self.text, self.spans["subject"])
        if self.text.startswith(self.intransitive, start):
            return (((start, start + whole[1]), whole),)
        verb = (self.intransitive.rindex(" ") + 1, whole[1])
        return ((start, end), (0, end - start)), (self.spans["verb"], verb)


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
            f"no human-object interaction found in {shown(text)} (read: {_what_was_read(text, clause)}). Say "
            'who does what with what ("a woman is kicking a ball"), or give a triplet of subject, verb, '
            "object",
            param="prompt",
            code="no_interaction",
        )
    spans = {"subject": clause.subject, "verb": clause.verb, "object": clause.object}
    named = {role: text[start:end] for role, (start, end) in spans.items()}
    preposition = text[slice(*clause.preposition)] if clause.preposition else ""
    return Prompt(text, _without_object(text, spans), Triplet(**named, preposition=preposition), spans)


def _without_object(text: str, spans: Mapping[str, Span]) -> str:
    """y': the text up to the verb, or where the object is part of that, who does it and the verb alone."""
    verb = spans["verb"]
    if verb[1] <= spans["object"][0]:
        return text[: verb[1]]
    start, end = whole_phrase(text, spans["subject"])
    if spans["object"][1] <= start and end <= verb[0]:  # "the ball that a man is kicking"
        return text[start : verb[1]]
    who = text[start:end]
    return f"{who} {'are' if is_plural(who) else 'is'} {gerund(text[slice(*verb)])}"


def _what_was_read(text: str, clause: Clause) -> str:
    parts = {"subject": clause.subject, "verb": clause.verb, "object": clause.object}
    return ", ".join(
        f"{role} {shown(text[slice(*span)])}" if span else f"no {role}" for role, span in parts.items()
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
    return Prompt(text, _without_object(text, spans), triplet, spans)


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
        f"the triplet's {role} {shown(wanted)} does not stand in the prompt {shown(text)}: "
        f"use words of the prompt (it has {cut(', '.join(word.text for word in split_words(text)))})",
        param="triplet",
        code="invalid_triplet",
    )


def _forms(verb: str) -> list[str]:
    """The verb as given, and the forms a prompt may have of it: "ride" also finds "riding" and "ridden"."""
    stem = verb.strip()
    endings = [stem + "ing", stem.removesuffix("e") + "ing", stem.removesuffix("ie") + "ying"]
    endings.append(stem + stem[-1:] + "ing")
    base = stem.removesuffix("ing")
    past = [base + "ed", base + "d", base + base[-1:] + "ed", base.removesuffix("y") + "ied"]
    past += [one for one, present in lexicon.PARTICIPLES.items() if present in {stem, *endings}]
    return [stem, *endings, stem + "s", stem + "es", *past]
