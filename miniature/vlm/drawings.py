"""Many drawings at once, with their truths as arrays, kept in memory while a model trains."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from miniature.diffusion.redrawing import Redrawer
from miniature.training.pixels import Bytes, reduced
from miniature.vlm.model import IMAGE_SIZE
from miniature.world import LIMBS, OBJECTS, TAUGHT, VERBS, Drawing, paint
from miniature.world.bias import KIND_SHARES, Said, choose
from record.reasoning.messages import MAIN_JOINTS
from record.types import KEYPOINTS

JOINTS = tuple(KEYPOINTS[index] for index in MAIN_JOINTS)
PARTS = 2 + len(OBJECTS)
"""Classes of a patch: background, person, then one for every object."""
BROKEN = 0.25
"""Share of the people who lack a limb, for the question whether the person is whole."""
REDRAWN = 0.25
"""Share of the pictures that the diffusion model draws again: what is asked about looks so."""
GRID = 8
_BATCH = 500
NONE = -100
"""Class of a truth that a drawing does not have; ignored by the losses."""


@dataclass(frozen=True)
class Album:
    """N drawings. Boxes and joints are in 0..1 (NaN where absent); classes are `NONE` where absent."""

    images: npt.NDArray[np.uint8]  # N x 128 x 128 x 3
    verbs: npt.NDArray[np.int64]  # N
    objects: npt.NDArray[np.int64]  # N
    whole: npt.NDArray[np.int64]  # N: 1 for a whole person, 0 where a limb is missing
    boxes: npt.NDArray[np.float32]  # N x 2 x 4: object, person
    joints: npt.NDArray[np.float32]  # N x 13 x 2
    parts: npt.NDArray[np.int64]  # N x 64, the class of every patch

    def __len__(self) -> int:
        return len(self.images)


def _class_of(word: str, words: Sequence[str]) -> int:
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


def broken(rng: random.Random) -> Drawing:
    """Somebody who lacks one limb or two, with an object or none; drawn again it would grow back."""
    kind = "interaction" if rng.random() < 0.75 else "pose"
    return paint(rng, _said(rng, kind), lacking=rng.sample(LIMBS, rng.choice((1, 1, 2))))


def _said(rng: random.Random, kind: str) -> Said:
    return choose(rng, kind=kind, pairs=TAUGHT if kind == "interaction" else None)


def _whole(rng: random.Random) -> Drawing:
    return paint(rng, _said(rng, rng.choices(list(KIND_SHARES), list(KIND_SHARES.values()))[0]))


def redrawn(rng: random.Random, pictures: Bytes, captions: Sequence[str], redrawer: Redrawer | None) -> Bytes:
    """A share of the pictures drawn again, where somebody can; all in the model's size.

    Of a picture without a caption only the look changes.
    """
    made = pictures.copy()
    rows = [row for row in range(len(pictures)) if rng.random() < REDRAWN]
    seed = rng.getrandbits(31)
    if redrawer is not None and rows:
        made[rows] = redrawer(pictures[rows], [captions[row] for row in rows], seed)
    return reduced(made, IMAGE_SIZE)


def _batch(rng: random.Random, count: int, redrawer: Redrawer | None) -> Album:
    is_whole = [rng.random() >= BROKEN for _ in range(count)]
    drawings = [_whole(rng) if whole else broken(rng) for whole in is_whole]
    captions = [d.caption if whole else "" for d, whole in zip(drawings, is_whole, strict=True)]
    objects = np.array([_class_of(d.object, OBJECTS) for d in drawings], dtype=np.int64)
    return Album(
        images=redrawn(rng, np.stack([d.image for d in drawings]), captions, redrawer),
        verbs=np.array([_class_of(d.verb, VERBS) for d in drawings], dtype=np.int64),
        objects=objects,
        whole=np.array(
            [int(whole) if d.subject else NONE for d, whole in zip(drawings, is_whole, strict=True)]
        ),
        boxes=np.stack([_boxes(d) for d in drawings]),
        joints=np.stack([_joints(d) for d in drawings]),
        parts=np.stack([_parts(d, int(c)) for d, c in zip(drawings, objects, strict=True)]),
    )


def album(path: Path, count: int, seed: int, redrawer: Redrawer | None = None) -> Album:
    """The album of `collect`, kept in `path`.npz; drawn once. ValueError where another one lies there."""
    file = path.with_suffix(".npz")
    if not file.exists():
        made = collect(count, seed, redrawer)
        np.savez(file, **{field.name: getattr(made, field.name) for field in fields(Album)})
        return made
    with np.load(file) as kept:
        made = Album(**{field.name: kept[field.name] for field in fields(Album)})
    if len(made) != count:
        raise ValueError(f"{file} holds {len(made)} drawings and not {count}; remove it to draw anew")
    return made


def collect(count: int, seed: int, redrawer: Redrawer | None = None) -> Album:
    """Draw `count` pictures of the training mixture, a share of the people broken."""
    rng, parts = random.Random(seed), []
    for first in range(0, count, _BATCH):
        parts.append(_batch(rng, min(_BATCH, count - first), redrawer))
        print(f"drawn {first + len(parts[-1])} of {count}", flush=True)
    return Album(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Album)))
