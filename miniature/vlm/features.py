"""What the finished tower sees in every shot, computed once: the text stages train on it.

The tower stays frozen, so that a picture costs the text stages nothing but its features. Every shot is
seen once, damaged.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from miniature.diffusion.redrawing import Redrawer
from miniature.training.augment import damage
from miniature.training.pixels import to_tensor
from miniature.vlm.scenes import Scene, Shot, others, scenes, shots
from miniature.vlm.tower import Teacher

_BATCH = 64


@dataclass(frozen=True)
class Pool:
    """Scenes, then people standing and broken; the shots of scene i are at 3i, 3i + 1 and 3i + 2."""

    scenes: list[Scene]
    others: list[Shot]

    @property
    def shots(self) -> list[Shot]:
        """All shots in order."""
        return shots(self.scenes) + self.others


def pool(folder: Path, name: str, count: int, seed: int, redrawer: Redrawer | None = None) -> Pool:
    """Draw `count` scenes and a third as many people standing and broken, or read what was drawn before."""
    path = folder / f"{name}.pickle"
    if not path.exists():
        found = Pool(scenes(count, seed, redrawer), others(count // 3, seed + 1, redrawer))
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        partial.write_bytes(pickle.dumps(found))
        partial.replace(path)
    found = pickle.loads(path.read_bytes())
    if not isinstance(found, Pool) or len(found.scenes) != count:
        raise ValueError(f"{path} holds something else than {count} scenes; remove it to draw anew")
    return found


@torch.no_grad()
def features(teacher: Teacher, found: list[Shot], seed: int) -> torch.Tensor:
    """Shots x 64 patches x width, float16: the tower's last states for damaged pictures."""
    torch.manual_seed(seed)
    teacher.eval()
    seen = []
    for first in range(0, len(found), _BATCH):
        pixels = to_tensor(np.stack([shot.picture for shot in found[first : first + _BATCH]]))
        seen.append(teacher.tower(pixel_values=damage(pixels)).last_hidden_state.half())
    return torch.cat(seen)
