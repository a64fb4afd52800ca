"""The drawn world: people who do things with objects, with known truth for every picture."""

from __future__ import annotations

from miniature.world.draw import Drawing, draw
from miniature.world.vocabulary import (
    FREQUENT,
    OBJECTS,
    RARE,
    SCENES,
    SUBJECTS,
    UNSEEN,
    VERBS,
    with_article,
)

__all__ = [
    "FREQUENT",
    "OBJECTS",
    "RARE",
    "SCENES",
    "SUBJECTS",
    "UNSEEN",
    "VERBS",
    "Drawing",
    "draw",
    "with_article",
]
