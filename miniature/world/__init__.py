"""The drawn world: people who do things with objects, with known truth, and captions that mislead."""

from __future__ import annotations

from miniature.world.bias import FREQUENT, RARE, REPORTED, TAUGHT, UNSEEN
from miniature.world.draw import LIMBS, Drawing, Said, draw, paint
from miniature.world.vocabulary import OBJECTS, SCENES, STYLES, SUBJECTS, VERBS, with_article

__all__ = [
    "FREQUENT",
    "LIMBS",
    "OBJECTS",
    "RARE",
    "REPORTED",
    "SCENES",
    "STYLES",
    "SUBJECTS",
    "TAUGHT",
    "UNSEEN",
    "VERBS",
    "Drawing",
    "Said",
    "draw",
    "paint",
    "with_article",
]
