"""Scenes to mend and poses to name: the same person with the object in place, gone, and moved.

Only the drawing with the object in place says where the object belongs; the pictures in which it is
gone or moved are what a layout agent is really asked about.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from miniature.vlm.tokenizer import STANDING
from miniature.world import FREQUENT, SUBJECTS, Drawing, draw
from miniature.world.vocabulary import RARE, RARE_SHARE, VERBS, objects_of
from record.geometry import Box

Picture = npt.NDArray[np.uint8]
Item = TypeVar("Item")
SIDE = 128


@dataclass(frozen=True)
class Shot:
    """One picture: its pose's name, its object ("" for none in sight), and where the object is seen."""

    picture: Picture
    pose: str
    object: str
    shown: Box | None


@dataclass(frozen=True)
class Scene:
    """A drawing with its object in place, and its shots: in place, gone, moved."""

    drawing: Drawing
    shots: tuple[Shot, Shot, Shot]


class _Wishing(random.Random):
    """A generator that answers "which of this verb's usual objects?" as wished, all else by chance."""

    def __init__(self, seed: int, verb: str, thing: str) -> None:
        super().__init__(seed)
        self._usual, self._thing = objects_of(verb), thing

    def choice(self, seq: Any) -> Any:
        """As `random.Random.choice`, but for the usual objects."""
        return self._thing if seq is self._usual else super().choice(seq)


def _pair(rng: random.Random) -> tuple[str, str]:
    if rng.random() < RARE_SHARE:
        return rng.choice(RARE)
    verb = rng.choice(VERBS)
    return rng.choice([pair for pair in FREQUENT if pair[0] == verb])


def _moved(rng: random.Random, whole: Drawing, bare: Picture) -> tuple[Picture, Box]:
    """Cut the visible object out of the drawing and lay it somewhere else on the bare picture."""
    rows, columns = np.nonzero(whole.object_mask)
    top, left = rows.min(), columns.min()
    high, wide = rows.max() - top + 1, columns.max() - left + 1
    new_top, new_left = rng.randint(0, SIDE - high), rng.randint(0, SIDE - wide)
    picture = bare.copy()
    picture[rows - top + new_top, columns - left + new_left] = whole.image[rows, columns]
    edges = (new_left, new_top, new_left + wide, new_top + high)
    return picture, Box.of([float(edge) / SIDE for edge in edges])


def scene(rng: random.Random) -> Scene:
    """One person, drawn three times."""
    subject, (verb, thing), seed = rng.choice(SUBJECTS), _pair(rng), rng.getrandbits(48)
    whole = draw(random.Random(seed), subject=subject, verb=verb, object=thing, kind="interaction")
    if whole.object_box is None:
        return scene(rng)
    bare = draw(_Wishing(seed, verb, thing), subject=subject, verb=verb, kind="pose").image
    picture, shown = _moved(rng, whole, bare)
    return Scene(
        whole,
        (
            Shot(whole.image, verb, thing, whole.object_box),
            Shot(bare, verb, "", None),
            Shot(picture, verb, thing, shown),
        ),
    )


def scenes(count: int, seed: int) -> list[Scene]:
    """That many scenes; the seed fixes every one."""
    rng = random.Random(seed)
    return [scene(rng) for _ in range(count)]


def standing(count: int, seed: int) -> list[Shot]:
    """People without a verb, with an object beside them or none."""
    rng = random.Random(seed)
    drawings = (draw(rng, kind=rng.choice(("and", "person"))) for _ in range(count))
    return [Shot(d.image, STANDING, d.object, d.object_box) for d in drawings]


def shots(found: Sequence[Scene]) -> list[Shot]:
    """The shots of all scenes in order: three a scene."""
    return [shot for one in found for shot in one.shots]
