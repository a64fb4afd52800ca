"""Every word of the drawn world; which verb goes with which object is in `bias`."""

from __future__ import annotations

from miniature.world.vocabulary import KINDS, OBJECTS, SPLIT_WORDS, SUBJECTS, VERBS, Pair, with_article
from miniature.world.vocabulary import words as former_words

__all__ = [
    "DIRECTIONS",
    "KINDS",
    "OBJECTS",
    "ORIENTATIONS",
    "SCENES",
    "SPLIT_WORDS",
    "STYLES",
    "SUBJECTS",
    "VERBS",
    "Pair",
    "with_article",
    "words",
]

SCENES = ("in the park", "in a room", "on the street", "on the beach")
STYLES = ("plain", "round")
"""Two ways to draw people: slim in short sleeves, and sturdy with a large head in long ones."""

DIRECTIONS = ("at the viewer", "up", "down", "sideways", "at the object")
"""Where a face looks; "at the object" wins over the others where both are true."""
ORIENTATIONS = ("frontal", "angled", "profile")
"""How a body is turned; nobody is seen from behind."""


def words() -> tuple[str, ...]:
    """Every word that a caption can hold, sorted."""
    return tuple(sorted({*former_words(), *(word for scene in SCENES for word in scene.split())}))
