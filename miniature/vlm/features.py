"""What the finished tower sees in every shot, computed once: the text stages train on it.

The tower stays frozen, so that a picture costs the text stages nothing but its features. Every shot is
seen once, damaged; a part of them is first passed through the diffusion model's autoencoder, where
that exists, because its pictures are what the model will be shown.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from miniature.training.augment import damage, to_pixels
from miniature.vlm.scenes import Scene, Shot, scenes, shots, standing
from miniature.vlm.tower import Teacher

_BATCH = 64
RECONSTRUCTED = 0.15
"""Share of the shots that pass through the autoencoder."""


@dataclass(frozen=True)
class Pool:
    """Scenes, then people standing; the shots of scene i are at 3i, 3i + 1 and 3i + 2."""

    scenes: list[Scene]
    standing: list[Shot]

    @property
    def shots(self) -> list[Shot]:
        """All shots in order."""
        return shots(self.scenes) + self.standing


def pool(folder: Path, name: str, count: int, seed: int) -> Pool:
    """Draw `count` scenes and a third as many people standing, or read them if they were drawn before."""
    path = folder / f"{name}.pickle"
    if not path.exists():
        found = Pool(scenes(count, seed), standing(count // 3, seed + 1))
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        partial.write_bytes(pickle.dumps(found))
        partial.replace(path)
    found = pickle.loads(path.read_bytes())
    if not isinstance(found, Pool) or len(found.scenes) != count:
        raise ValueError(f"{path} holds something else than {count} scenes; remove it to draw anew")
    return found


@torch.no_grad()
def _reconstruct(pixels: torch.Tensor, autoencoder: Path) -> torch.Tensor:
    from diffusers import AutoencoderKL

    vae = AutoencoderKL.from_pretrained(autoencoder).eval()
    parts = [vae.decode(vae.encode(part).latent_dist.mode()).sample for part in torch.split(pixels, _BATCH)]
    return torch.cat(parts).clamp(-1, 1)


@torch.no_grad()
def features(teacher: Teacher, found: list[Shot], seed: int, autoencoder: Path | None) -> torch.Tensor:
    """Shots x 64 patches x width, float16: the tower's last states for damaged pictures."""
    torch.manual_seed(seed)
    teacher.eval()
    pixels = to_pixels(np.stack([shot.picture for shot in found]))
    if autoencoder is not None:
        chosen = torch.nonzero(torch.rand(len(found)) < RECONSTRUCTED)[:, 0]
        pixels[chosen] = _reconstruct(pixels[chosen], autoencoder)
    seen = [
        teacher.tower(pixel_values=damage(p)).last_hidden_state.half() for p in torch.split(pixels, _BATCH)
    ]
    return torch.cat(seen)
