"""Drawings to learn from: every verb with every object, so that no pair is likelier than another."""

from __future__ import annotations

import multiprocessing
import random
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL

from miniature.judge.model import GRID, NO_OBJECT, NO_VERB
from miniature.training.pixels import Bytes, to_bytes, to_tensor
from miniature.world import OBJECTS, VERBS, Drawing, draw
from miniature.world.canvas import SIDE

_CHUNK = 250
_INTERACTIONS = 0.75
_COVERED = 0.4
"""Covered share from which a cell belongs to the object; boxes of such cells fit the true ones best."""
_LATENT_NOISE = 0.3
"""Largest deviation of the noise on whitened latents: the pictures come out soft, but readable."""

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


def draw_samples(count: int, *, seed: int, processes: int = 2) -> Samples:
    """Draw on several processes; seed and count fix every picture, whatever the processes."""
    jobs = [(seed, first, min(_CHUNK, count - first)) for first in range(0, count, _CHUNK)]
    with multiprocessing.Pool(processes) as pool:
        chunks = pool.map(_draw_chunk, jobs)
    fields = zip(*((c.pictures, c.verbs, c.objects, c.cells) for c in chunks), strict=True)
    return Samples(*(np.concatenate(field) for field in fields))


def _draw_chunk(job: tuple[int, int, int]) -> Samples:
    seed, first, count = job
    rng = random.Random(f"judge/{seed}/{first}")
    return _samples([_drawing(rng) for _ in range(count)])


def _drawing(rng: random.Random) -> Drawing:
    if rng.random() >= _INTERACTIONS:
        return draw(rng, kind=rng.choice(("and", "object", "person", "pose")))
    verb, thing = rng.choice(list(product(VERBS, OBJECTS)))
    return draw(rng, verb=verb, object=thing, kind="interaction")


def _samples(drawings: list[Drawing]) -> Samples:
    things = np.array([OBJECTS.index(d.object) if d.object else NO_OBJECT for d in drawings])
    verbs = np.array([VERBS.index(d.verb) if d.verb else NO_VERB for d in drawings])
    cells = [np.where(_covered(d), thing, NO_OBJECT) for d, thing in zip(drawings, things, strict=True)]
    return Samples(np.stack([d.image for d in drawings]), verbs, things, np.stack(cells).astype(np.uint8))


def _covered(drawing: Drawing) -> npt.NDArray[np.bool_]:
    cell = SIDE // GRID
    shares = drawing.object_mask.reshape(GRID, cell, GRID, cell).mean(axis=(1, 3))
    return np.asarray(shares > _COVERED)


@torch.no_grad()
def soften(vae: AutoencoderKL, pictures: Bytes, *, seed: int, batch: int = 32) -> Bytes:
    """The pictures through the autoencoder, with a little noise on their latents."""
    torch.manual_seed(seed)
    made = []
    for first in range(0, len(pictures), batch):
        latents = vae.encode(to_tensor(pictures[first : first + batch])).latent_dist.mean
        deviation = _LATENT_NOISE * torch.rand(len(latents), 1, 1, 1)
        made.append(to_bytes(vae.decode(latents + deviation * torch.randn_like(latents)).sample))
    return np.concatenate(made)
