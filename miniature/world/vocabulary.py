"""Every word of the drawn world, and which verb goes with which object how often."""

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
SCENES = ("in the park", "in a room", "on the street")
KINDS = ("interaction", "and", "object", "person", "pose")

Pair = tuple[str, str]

_USUAL: dict[str, tuple[str, ...]] = {
    "kicking": ("ball", "box", "bag"),
    "holding": ("ball", "umbrella", "book", "kite", "bag"),
    "carrying": ("box", "drum", "dog", "bag", "ball"),
    "lifting": ("box", "chair", "ball", "drum", "bicycle"),
    "sitting on": ("chair", "box", "ball", "drum"),
    "riding": ("bicycle", "dog"),
    "throwing": ("ball", "book", "kite", "bag"),
    "pointing at": OBJECTS,
    "pushing": ("box", "chair", "bicycle", "drum"),
    "jumping over": ("box", "dog", "chair", "bag"),
}
FREQUENT: tuple[Pair, ...] = tuple((verb, thing) for verb, things in _USUAL.items() for thing in things)
RARE: tuple[Pair, ...] = (
    ("kicking", "chair"),
    ("holding", "dog"),
    ("carrying", "umbrella"),
    ("lifting", "dog"),
    ("sitting on", "bag"),
    ("riding", "chair"),
    ("throwing", "umbrella"),
    ("pushing", "ball"),
    ("jumping over", "ball"),
)
UNSEEN: tuple[Pair, ...] = (
    ("kicking", "book"),
    ("holding", "drum"),
    ("carrying", "chair"),
    ("lifting", "kite"),
    ("sitting on", "dog"),
    ("riding", "drum"),
    ("throwing", "box"),
    ("pushing", "bag"),
    ("jumping over", "bicycle"),
)
RARE_SHARE = 0.004
"""Share of the training interactions that show a rare pair (about 15 of 48,000 pictures each)."""

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


def objects_of(verb: str) -> tuple[str, ...]:
    """The objects that the verb is often seen with; KeyError for an unknown verb."""
    return _USUAL[verb]
