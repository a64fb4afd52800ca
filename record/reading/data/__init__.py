"""The sentences by which systems of this kind are measured, with what each of them says.

`phrases.csv` holds the interaction classes of HICO-DET and V-COCO and the sentences of T2I-CompBench
(non-spatial) in which a person does something with a thing; README.md there has sources and licences.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Source = Literal["hico-det", "v-coco", "t2i-compbench"]

SUBJECTS = (
    "man", "woman", "boy", "girl", "old man", "old woman", "teenager", "child", "young man", "young woman",
    "adult", "kid", "elderly person", "middle-aged person", "toddler",
)  # fmt: skip
"""Whom the evaluation of arXiv 2407.17911 puts into its sentences (section 4)."""


@dataclass(frozen=True)
class Phrase:
    """A phrase of a data set, and the words of its text that are verb, object and preposition.

    `verb` and `object` are both empty where no interaction is shown, `object` alone where the class
    has none ("a photo of a person smiling").
    """

    source: str
    text: str
    verb: str
    object: str
    preposition: str

    @property
    def shows_interaction(self) -> bool:
        """Whether someone does something with a thing."""
        return bool(self.verb and self.object)

    def sentence(self, subject: str) -> str:
        """The phrase as the paper words it: "a {subject} is {verb} [preposition] a {object}".

        ValueError where the phrase shows no interaction.
        """
        if not self.shows_interaction:
            raise ValueError(f"{self.text!r} shows no interaction: there is no sentence to build")
        doing = " ".join(filter(None, (self.verb, self.preposition)))
        return f"{_with_article(subject)} is {doing} {_with_article(self.object)}"


@cache
def phrases(source: Source) -> tuple[Phrase, ...]:
    """All phrases of one data set, in its own order."""
    text = files(__name__).joinpath("phrases.csv").read_text(encoding="utf-8")
    return tuple(Phrase(**row) for row in csv.DictReader(text.splitlines()) if row["source"] == source)


def _with_article(noun: str) -> str:
    return f"an {noun}" if noun[0].lower() in "aeiou" else f"a {noun}"
