"""What belongs where: the phrases that a method places, each with its box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from record.geometry import Box
from record.job import Job
from record.reading import lexicon
from record.reading.phrases import Word, split_words
from record.reading.prompt import Prompt


@dataclass(frozen=True)
class Placement:
    """A phrase that can stand alone, the token role whose map is drawn into its box, and the box."""

    role: Literal["object", "subject"]
    text: str
    box: Box


def placements(job: Job) -> tuple[Placement, ...]:
    """The object in the job's box, then the person where one is known; none for a job without a box."""
    if job.box is None:
        return ()
    thing = Placement("object", object_phrase(job.prompt), job.box)
    if job.reference.person_box is None:
        return (thing,)
    return thing, Placement("subject", job.prompt.intransitive, job.reference.person_box)


def object_phrase(prompt: Prompt) -> str:
    """The object with its article and adjectives."""
    return prompt.text[slice(*prompt.object_phrase)]


def surroundings(prompt: Prompt) -> str:
    """What is left of the sentence without subject, verb and object: the scene, or ""."""
    starts, ends = zip(*prompt.spans.values(), strict=True)
    before, after = prompt.text[: min(starts)], prompt.text[max(ends) :]
    opening, closing = split_words(before), split_words(after)
    while opening and _leads_on(opening[-1]):
        opening.pop()
    while closing and (closing[0].is_mark or closing[0].lower in lexicon.CONJUNCTIONS):
        closing.pop(0)
    left = before[: opening[-1].end] if opening else ""
    return f"{left} {after[closing[0].start :] if closing else ''}".strip(" .")


def _leads_on(word: Word) -> bool:
    """Whether a word says nothing without the one behind it, as in "there is a young"."""
    closed = lexicon.DETERMINERS | lexicon.CONJUNCTIONS | lexicon.AUXILIARIES | {"of", "there"}
    return word.is_mark or word.is_adjective or word.lower in closed
