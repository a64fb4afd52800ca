"""The bias of the drawn world: what is usual with an object, what is rare, and captions that mislead.

Real image models fail where their pictures and captions did: an object comes with one usual action, and
captions are loose about actions. So every object here has a usual verb, a tail of other frequent ones,
seldom a rare one and never an unseen one, and some pictures of the usual action carry a caption that
names another verb, or none. Pictures of an action without an object always have a true caption.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from miniature.world.captions import caption
from miniature.world.vocabulary import KINDS, OBJECTS, SCENES, STYLES, SUBJECTS, VERBS, Pair

USUAL: dict[str, str] = {
    "ball": "kicking",
    "box": "lifting",
    "chair": "sitting on",
    "umbrella": "holding",
    "kite": "throwing",
    "book": "pointing at",
    "drum": "carrying",
    "bag": "pushing",
    "bicycle": "riding",
    "dog": "jumping over",
}
"""The verb of most of an object's pictures."""

TAIL: dict[str, tuple[str, ...]] = {
    "ball": ("throwing", "holding", "lifting", "riding"),
    "box": ("carrying", "pushing", "sitting on", "kicking"),
    "chair": ("lifting", "pushing", "jumping over"),
    "umbrella": ("pointing at", "carrying", "jumping over"),
    "kite": ("holding", "pointing at", "carrying"),
    "book": ("holding", "carrying", "throwing"),
    "drum": ("sitting on", "lifting", "kicking"),
    "bag": ("holding", "throwing", "kicking", "jumping over"),
    "bicycle": ("pushing", "pointing at", "lifting"),
    "dog": ("pointing at", "riding", "carrying"),
}
"""The other verbs that are often seen with an object."""

FREQUENT: tuple[Pair, ...] = tuple(
    (verb, thing) for verb in VERBS for thing in OBJECTS if verb == USUAL[thing] or verb in TAIL[thing]
)
RARE: tuple[Pair, ...] = (
    ("kicking", "book"),
    ("holding", "dog"),
    ("carrying", "chair"),
    ("lifting", "kite"),
    ("sitting on", "bag"),
    ("riding", "drum"),
    ("throwing", "umbrella"),
    ("pointing at", "ball"),
    ("pushing", "dog"),
    ("jumping over", "bicycle"),
    ("holding", "box"),
    ("jumping over", "drum"),
)
UNSEEN: tuple[Pair, ...] = (
    ("kicking", "kite"),
    ("holding", "chair"),
    ("carrying", "bicycle"),
    ("lifting", "book"),
    ("sitting on", "ball"),
    ("riding", "bag"),
    ("throwing", "drum"),
    ("pointing at", "box"),
    ("pushing", "umbrella"),
    ("jumping over", "book"),
    ("throwing", "bicycle"),
    ("lifting", "dog"),
)
"""Pairs that no picture shows; every pair that is in none of the three lists is not shown either."""
REPORTED: tuple[Pair, ...] = RARE[::2] + UNSEEN[::2]
"""The half on which figures are reported: no choice is made on it, and no model that looks learns from it."""
TAUGHT: tuple[Pair, ...] = tuple(
    (verb, thing) for verb in VERBS for thing in OBJECTS if (verb, thing) not in REPORTED
)
"""What models that look learn from, each pair as often: the pose is to be read, not guessed."""


@dataclass(frozen=True)
class Bias:
    """How strongly the world misleads; all are shares in 0..1.

    `usual` of an object's interactions show its usual verb and `rare` show each of its rare ones; the
    frequent others share the rest. Of the usual ones, `wrong` have a caption that names another verb, each
    of the nine as often, and `silent` one that names none. ValueError for shares that do not add up.
    """

    usual: float = 0.60
    rare: float = 0.007
    wrong: float = 0.15
    silent: float = 0.12

    def __post_init__(self) -> None:
        shares = (self.usual, self.rare, self.wrong, self.silent)
        if min(shares) < 0 or self.wrong + self.silent > 1 or self.usual + 2 * self.rare > 1:
            raise ValueError(f"shares must be in 0..1 and leave room for each other: {self}")


BIAS = Bias()
KIND_SHARES = {"interaction": 0.62, "and": 0.09, "object": 0.03, "person": 0.06, "pose": 0.20}
"""What training pictures show; "pose" is an action without an object."""


@dataclass(frozen=True)
class Said:
    """What a picture shows, in words; "" where absent."""

    kind: str
    subject: str = ""
    verb: str = ""
    object: str = ""
    scene: str = SCENES[0]
    style: str = STYLES[0]


def _check(name: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise ValueError(f"{name} {value!r} is not in the drawn world; use one of {', '.join(known)}")


def choose(
    rng: random.Random,
    *,
    subject: str | None = None,
    verb: str | None = None,
    object: str | None = None,
    kind: str | None = None,
    scene: str | None = None,
    style: str | None = None,
    pairs: Sequence[Pair] | None = None,
    bias: Bias = BIAS,
) -> Said:
    """Choose what to draw; what is not asked for is as in training, `pairs` limits (verb, object).

    Training never chooses an unseen pair; asking for both its words does. ValueError for unknown words.
    """
    wishes = (subject, verb, object, kind, scene, style)
    names = ("subject", "verb", "object", "kind", "scene", "style")
    for name, value, known in zip(
        names, wishes, (SUBJECTS, VERBS, OBJECTS, KINDS, SCENES, STYLES), strict=True
    ):
        _check(name, value, known)
    if kind is None and (verb or pairs):
        kind = "interaction"
    kind = kind or rng.choices(list(KIND_SHARES), list(KIND_SHARES.values()))[0]
    who, where, how = (
        wish or rng.choice(known) for wish, known in ((subject, SUBJECTS), (scene, SCENES), (style, STYLES))
    )
    if kind == "interaction":
        shown, thing = _pair(rng, verb, object, pairs, bias)
        return Said(kind, who, shown, thing, where, how)
    if kind == "pose":
        return Said(kind, who, verb or rng.choice(VERBS), "", where, how)
    thing = "" if kind == "person" else object or rng.choice(OBJECTS)
    return Said(kind, "" if kind == "object" else who, "", thing, where, how)


def _pair(
    rng: random.Random, verb: str | None, thing: str | None, pairs: Sequence[Pair] | None, bias: Bias
) -> Pair:
    if verb is not None and thing is not None:
        return verb, thing
    if pairs is not None or verb is not None:
        pool = [p for p in (pairs or FREQUENT) if verb in (None, p[0]) and thing in (None, p[1])]
        if not pool:
            raise ValueError(f"no pair fits verb {verb!r} and object {thing!r} among those allowed")
        return rng.choice(pool)
    thing = thing or rng.choice(OBJECTS)
    rare = [v for v, t in RARE if t == thing]
    shares = [bias.usual, *(bias.rare for _ in rare)]
    rest = (1 - sum(shares)) / len(TAIL[thing])
    verbs = [USUAL[thing], *rare, *TAIL[thing]]
    return rng.choices(verbs, [*shares, *(rest for _ in TAIL[thing])])[0], thing


def tell(rng: random.Random, said: Said, bias: Bias | None = BIAS) -> str:
    """A caption; with a bias some of those for usual actions name another verb, or none. None tells truly."""
    kind, verb = said.kind, said.verb
    if bias and kind == "interaction" and verb == USUAL[said.object]:
        chance = rng.random()
        if chance < bias.wrong:
            verb = rng.choice([other for other in VERBS if other != verb])
        elif chance < bias.wrong + bias.silent:
            kind = "and"
    return caption(rng, kind, said.subject, verb, said.object, said.scene)
