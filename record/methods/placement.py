"""What belongs where: the phrases that a method places, each with its box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from record.geometry import Box
from record.job import Job
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
