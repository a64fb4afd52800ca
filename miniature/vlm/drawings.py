"""Many drawings at once, with their truths as arrays, kept in memory while a model trains."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from miniature.world import Drawing, draw
from miniature.world.vocabulary import OBJECTS, VERBS
from record.reasoning.messages import MAIN_JOINTS
from record.types import KEYPOINTS

JOINTS = tuple(KEYPOINTS[index] for index in MAIN_JOINTS)
PARTS = 2 + len(OBJECTS)
"""Classes of a patch: background, person, then one for every object."""
GRID = 8
NONE = -100
"""Class of a truth that a drawing does not have; ignored by the losses."""


@dataclass(frozen=True)
class Album:
    """N drawings. Boxes and joints are in 0..1 (NaN where absent); classes are `NONE` where absent."""

    drawings: tuple[Drawing, ...]
    images: npt.NDArray[np.uint8]  # N x 128 x 128 x 3
    verbs: npt.NDArray[np.int64]  # N
    objects: npt.NDArray[np.int64]  # N
    boxes: npt.NDArray[np.float32]  # N x 2 x 4: object, person
    joints: npt.NDArray[np.float32]  # N x 13 x 2
    parts: npt.NDArray[np.int64]  # N x 64, the class of every patch

    def __len__(self) -> int:
        return len(self.drawings)


def _class_of(word: str, words: tuple[str, ...]) -> int:
    return words.index(word) if word in words else NONE


def _boxes(drawing: Drawing) -> npt.NDArray[np.float32]:
    found = (drawing.object_box, drawing.person_box)
    rows = [box.to_list() if box is not None else [np.nan] * 4 for box in found]
    return np.array(rows, dtype=np.float32)


def _joints(drawing: Drawing) -> npt.NDArray[np.float32]:
    absent = (np.nan, np.nan)
    return np.array([drawing.joints.get(name, absent) for name in JOINTS], dtype=np.float32)


def _coverage(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    side = mask.shape[0] // GRID
    share: npt.NDArray[np.float64] = mask.reshape(GRID, side, GRID, side).mean(axis=(1, 3), dtype=np.float64)
    return share.reshape(-1)


def _parts(drawing: Drawing, object_class: int) -> npt.NDArray[np.int64]:
    person, thing = _coverage(drawing.person_mask), _coverage(drawing.object_mask)
    classes = np.where(person > 0.15, 1, 0)
    if object_class != NONE:
        classes = np.where(thing > 0.15, 2 + object_class, classes)
    return classes.astype(np.int64)


def collect(count: int, seed: int) -> Album:
    """Draw `count` pictures of the usual mixture of kinds."""
    rng = random.Random(seed)
    drawings = tuple(draw(rng) for _ in range(count))
    objects = np.array([_class_of(d.object, tuple(OBJECTS)) for d in drawings], dtype=np.int64)
    return Album(
        drawings=drawings,
        images=np.stack([d.image for d in drawings]),
        verbs=np.array([_class_of(d.verb, tuple(VERBS)) for d in drawings], dtype=np.int64),
        objects=objects,
        boxes=np.stack([_boxes(d) for d in drawings]),
        joints=np.stack([_joints(d) for d in drawings]),
        parts=np.stack([_parts(d, int(c)) for d, c in zip(drawings, objects, strict=True)]),
    )
