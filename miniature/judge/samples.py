"""Drawings to learn from: every verb with every object, so that no pair is likelier than another."""

from __future__ import annotations

import multiprocessing
import random
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from diffusers import AutoencoderKL

from miniature.judge.model import GRID, NO_OBJECT, NO_VERB, SIDE
from miniature.training.augment import soften
from miniature.training.pixels import Bytes, reduced
from miniature.world import OBJECTS, VERBS, Drawing, draw
from miniature.world.canvas import SIDE as DRAWN

_CHUNK = 250
_INTERACTIONS = 0.7
_POSES = 0.6
"""Share of the other pictures that show a verb without an object."""
_COVERED = 0.4
"""Covered share from which a cell belongs to the object; boxes of such cells fit the true ones best."""
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Samples:
    """`pictures` (N, 128, 128, 3); class numbers `verbs` (N,), `objects` (N,), `cells` (N, 64, 64)."""

    pictures: Bytes
    verbs: Numbers
    objects: Numbers
    cells: Bytes

    def __len__(self) -> int:
        return len(self.verbs)


def draw_samples(count: int, softened: int, vae: AutoencoderKL, *, seed: int, processes: int = 1) -> Samples:
    """`count` drawings, every verb with every object as often; the first `softened` through the autoencoder.

    Seed and counts fix every picture, whatever the processes.
    """
    jobs = [(seed, first, min(_CHUNK, count - first)) for first in range(0, count, _CHUNK)]
    parts: list[Samples] = []
    with multiprocessing.Pool(processes) as pool:
        for pictures, verbs, things, cells in pool.imap(_draw_chunk, jobs):
            done = sum(map(len, parts))
            soft = pictures[: max(0, softened - done)]
            if len(soft):
                pictures = np.concatenate([soften(vae, soft, seed=seed + done), pictures[len(soft) :]])
            parts.append(Samples(reduced(pictures, SIDE), verbs, things, cells))
            print(f"drawn {done + len(parts[-1])} of {count}", flush=True)
    fields = zip(*((p.pictures, p.verbs, p.objects, p.cells) for p in parts), strict=True)
    return Samples(*(np.concatenate(field) for field in fields))


def _draw_chunk(job: tuple[int, int, int]) -> tuple[Bytes, Numbers, Numbers, Bytes]:
    seed, first, count = job
    rng = random.Random(f"judge/{seed}/{first}")
    drawings = [_drawing(rng) for _ in range(count)]
    things = np.array([OBJECTS.index(d.object) if d.object else NO_OBJECT for d in drawings])
    verbs = np.array([VERBS.index(d.verb) if d.verb else NO_VERB for d in drawings])
    cells = [np.where(_covered(d), thing, NO_OBJECT) for d, thing in zip(drawings, things, strict=True)]
    return np.stack([d.image for d in drawings]), verbs, things, np.stack(cells).astype(np.uint8)


def _drawing(rng: random.Random) -> Drawing:
    if rng.random() >= _INTERACTIONS:
        kind = "pose" if rng.random() < _POSES else rng.choice(("and", "object", "person"))
        return draw(rng, kind=kind)
    verb, thing = rng.choice(list(product(VERBS, OBJECTS)))
    return draw(rng, verb=verb, object=thing, kind="interaction")


def _covered(drawing: Drawing) -> npt.NDArray[np.bool_]:
    cell = DRAWN // GRID
    shares = drawing.object_mask.reshape(GRID, cell, GRID, cell).mean(axis=(1, 3))
    return np.asarray(shares > _COVERED)
