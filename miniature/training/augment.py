"""Small damages that make a clean drawing look a little like a generated one."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name
from diffusers import AutoencoderKL

from miniature.training.pixels import Bytes, to_bytes, to_tensor

_LATENT_NOISE = 0.3
"""Largest deviation of the noise on whitened latents: the pictures come out soft, but readable."""


def damage(pixels: torch.Tensor) -> torch.Tensor:
    """Blur a part of the pictures, shift colours a little and add noise; -1..1 in and out."""
    count = pixels.shape[0]
    blurred = F.avg_pool2d(pixels, 3, stride=1, padding=1, count_include_pad=False)
    strength = torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.5)
    mixed = pixels + strength * (blurred - pixels)
    gain = 1 + 0.1 * torch.randn(count, 3, 1, 1)
    shift = 0.06 * torch.randn(count, 3, 1, 1)
    noise = torch.randn_like(mixed) * 0.08 * torch.rand(count, 1, 1, 1)
    return (mixed * gain + shift + noise).clamp(-1, 1)


@torch.no_grad()
def soften(vae: AutoencoderKL, pictures: Bytes, *, seed: int, batch: int = 4) -> Bytes:
    """The pictures through the autoencoder, with a little noise on their latents."""
    torch.manual_seed(seed)
    made = []
    for first in range(0, len(pictures), batch):
        latents = vae.encode(to_tensor(pictures[first : first + batch])).latent_dist.mean
        deviation = _LATENT_NOISE * torch.rand(len(latents), 1, 1, 1)
        made.append(to_bytes(vae.decode(latents + deviation * torch.randn_like(latents)).sample))
    return np.concatenate(made)
