"""The sentences: which pairs of verb and object, who acts, and with which noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from miniature.world import FREQUENT, RARE, SUBJECTS, UNSEEN, with_article
from miniature.world.vocabulary import Pair

Half = Literal["tune", "report"]
GROUPS = ("frequent", "rare", "unseen")
_SEEDS_APART = 10
"""More than the most candidates of one request, so that no noise serves twice."""


@dataclass(frozen=True)
class Case:
    """One picture to ask for; every row draws it from the same seed."""

    group: str
    subject: str
    verb: str
    thing: str
    seed: int

    @property
    def text(self) -> str:
        """The prompt."""
        return f"a {self.subject} is {self.verb} {with_article(self.thing)}"


def pairs(half: Half) -> dict[str, tuple[Pair, ...]]:
    """Pairs by group: a frequent one for every verb, and half of the rare and of the unseen.

    Choices made on the half `tune` say nothing about the pairs of `report`; the frequent pairs differ too.
    """
    first = 0 if half == "report" else 1
    return {
        "frequent": tuple(_one_for_every_verb(first)),
        "rare": RARE[first::2],
        "unseen": UNSEEN[first::2],
    }


def _one_for_every_verb(first: int) -> list[Pair]:
    """Another object from verb to verb, as far as the verbs' objects allow."""
    by_verb = [list(some) for _, some in groupby(FREQUENT, key=lambda pair: pair[0])]
    return [some[(number + first) % len(some)] for number, some in enumerate(by_verb)]


def cases(half: Half, pictures: int, groups: Sequence[str] = GROUPS) -> list[Case]:
    """`pictures` of every pair, one round after the other, so that a stopped run has some of each."""
    chosen = [(group, pair) for group, some in pairs(half).items() for pair in some]
    offset = 0 if half == "report" else 1_000_000
    made = []
    for number in range(pictures):
        for place, (group, (verb, thing)) in enumerate(chosen):
            seed = offset + _SEEDS_APART * (100 * number + place)
            made.append(Case(group, SUBJECTS[(number + place) % len(SUBJECTS)], verb, thing, seed))
    return [case for case in made if case.group in groups]
