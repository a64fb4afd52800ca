"""The next drawn world: 256 pixels, faces that look somewhere, and captions that mislead on purpose."""

from __future__ import annotations

from miniature.next.world.draw import Drawing, Said, draw, paint
from miniature.next.world.vocabulary import OBJECTS, SCENES, STYLES, SUBJECTS, VERBS, with_article

__all__ = [
    "OBJECTS",
    "SCENES",
    "STYLES",
    "SUBJECTS",
    "VERBS",
    "Drawing",
    "Said",
    "draw",
    "paint",
    "with_article",
]
