"""Every word of the drawn world; which verb goes with which object is in `bias`."""

from __future__ import annotations

SUBJECTS = ("man", "woman", "boy", "girl")
VERBS = (
    "kicking",
    "holding",
    "carrying",
    "lifting",
    "sitting on",
    "riding",
    "throwing",
    "pointing at",
    "pushing",
    "jumping over",
)
OBJECTS = ("ball", "box", "chair", "umbrella", "kite", "book", "drum", "bag", "bicycle", "dog")
SCENES = ("in the park", "in a room", "on the street", "on the beach")
KINDS = ("interaction", "and", "object", "person", "pose")

Pair = tuple[str, str]

STYLES = ("plain", "round")
"""Two ways to draw people: slim in short sleeves, and sturdy with a large head in long ones."""

DIRECTIONS = ("at the viewer", "up", "down", "sideways", "at the object")
"""Where a face looks; "at the object" wins over the others where both are true."""
ORIENTATIONS = ("frontal", "angled", "profile")
"""How a body is turned; nobody is seen from behind."""

SPLIT_WORDS = ("umbrella", "bicycle")
"""Words that the tokenizer must cut into several tokens, so that spans are tested."""

_OTHERS = ("a", "an", "the", "is", "and", "with", "next", "to", "photo", "of", "picture")


def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def words() -> tuple[str, ...]:
    """Every word that a caption can hold, sorted."""
    phrases = (*SUBJECTS, *VERBS, *OBJECTS, *SCENES, *_OTHERS)
    return tuple(sorted({word for phrase in phrases for word in phrase.split()}))
