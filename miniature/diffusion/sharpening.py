"""The decoder learns to make sharp pictures of the latents that the denoiser leaves, a little blurred.

It sees latents of drawings, and the same drawn again by the denoiser, and is to show the drawing. A critic
that tells drawings from decoded pictures keeps it from showing the mean of all that it could be.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from torch import nn

from miniature.diffusion.dataset import Dataset
from miniature.diffusion.vae import DECODER, FACTOR, corner, edge_loss, optimisers_of
from miniature.training.pixels import to_tensor
from miniature.training.progress import Budget, Means, rate

_CROP = 128
_HALF_BATCH = 2
_PEAK_RATE = 1.5e-3
_CRITIC_RATE = 5e-4
_CRITIC_SHARE = 0.5
"""Size of the critic's gradient beside that of the picture's error, at the decoder's last layer."""
_ALONE_STEPS = 50
"""The critic's first steps, in which the decoder does not hear it yet."""
_NOISE = 0.03


@dataclass(frozen=True)
class Redrawn:
    """Latents (N, 4, 32, 32) of the pictures `rows`, drawn again by the denoiser."""

    rows: torch.Tensor
    latents: torch.Tensor


def make_critic() -> nn.Sequential:
    """Pictures (B, 3, H, W) to scores (B, 1, H / 8, W / 8): high where a patch looks drawn."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 4, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, 2, 1),
        nn.GroupNorm(8, 64),
        nn.LeakyReLU(0.2),
        nn.Conv2d(64, 96, 4, 2, 1),
        nn.GroupNorm(8, 96),
        nn.LeakyReLU(0.2),
        nn.Conv2d(96, 1, 3, 1, 1),
    )


class Sharpener:
    """A decoder, its critic, and what moves them."""

    def __init__(self, vae: AutoencoderKL) -> None:
        self.vae: Any = vae.to(memory_format=torch.channels_last)
        self.critic: Any = make_critic().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._decoder = optimisers_of(vae, DECODER)
        self._critics = torch.optim.AdamW(self.critic.parameters(), _CRITIC_RATE, betas=(0.5, 0.9))

    def step(
        self, wanted: torch.Tensor, coded: torch.Tensor, learning_rate: float, *, heard: bool
    ) -> dict[str, float]:
        """One step of both; `heard` lets the decoder hear the critic."""
        made = self.vae.decode(coded).sample
        error = F.l1_loss(made, wanted) + edge_loss(made, wanted)
        self._decoder.step(error + self._told(error, made) if heard else error, learning_rate)
        doubt = F.relu(1 - self.critic(wanted)).mean() + F.relu(1 + self.critic(made.detach())).mean()
        self._critics.zero_grad()
        doubt.backward()  # type: ignore[no-untyped-call]
        self._critics.step()
        return {"error": error.item(), "critic": doubt.item()}

    def _told(self, error: torch.Tensor, made: torch.Tensor) -> torch.Tensor:
        self.critic.requires_grad_(False)
        likeness = -self.critic(made).mean()
        self.critic.requires_grad_(True)
        last = self.vae.decoder.conv_out.weight
        sizes = [torch.autograd.grad(loss, last, retain_graph=True)[0].norm() for loss in (error, likeness)]
        heard: torch.Tensor = _CRITIC_SHARE * (sizes[0] / (sizes[1] + 1e-6)).clamp(max=100) * likeness
        return heard


def sharpen(
    vae: AutoencoderKL,
    data: Dataset,
    latents: torch.Tensor,
    redrawn: Redrawn,
    folder: Path,
    minutes: float,
    *,
    seed: int = 1,
) -> AutoencoderKL:
    """Train the decoder for so many minutes and save the whole autoencoder; its encoder stays as it is."""
    torch.manual_seed(seed)
    rng, sharpener = np.random.default_rng(seed), Sharpener(vae)
    budget, means, step = Budget(minutes), Means("sharpen", 50), 0
    while budget.share < 1:
        wanted, coded = _pairs(rng, data, latents, redrawn)
        pace = rate(_PEAK_RATE, step, budget.share, warm=50)
        told = sharpener.step(wanted, coded, pace, heard=step >= _ALONE_STEPS)
        step += 1
        means.add(step, len(wanted), budget, **told)
    vae.save_pretrained(folder)
    return vae


def _pairs(
    rng: np.random.Generator, data: Dataset, latents: torch.Tensor, redrawn: Redrawn
) -> tuple[torch.Tensor, torch.Tensor]:
    """Crops of pictures, and of their latents: half as encoded, half as drawn again."""
    pictures, coded, size = [], [], _CROP // FACTOR
    encoded = [(int(row), latents[row]) for row in rng.integers(len(latents), size=_HALF_BATCH)]
    again = [
        (int(redrawn.rows[i]), redrawn.latents[i]) for i in rng.integers(len(redrawn.rows), size=_HALF_BATCH)
    ]
    for index, latent in encoded + again:
        x, y = corner(rng, data.truths[index], _CROP)
        pictures.append(data.pictures[index, y : y + _CROP, x : x + _CROP])
        column, row = x // FACTOR, y // FACTOR
        coded.append(latent[:, row : row + size, column : column + size].float())
    stacked = torch.stack(coded)
    stacked[:_HALF_BATCH] += _NOISE * torch.randn_like(stacked[:_HALF_BATCH])
    return to_tensor(np.stack(pictures)), stacked.contiguous(memory_format=torch.channels_last)
