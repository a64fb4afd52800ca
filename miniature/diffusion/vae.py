"""The autoencoder: 128 x 128 pictures to 32 x 32 x 4 latents and back, and its training."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from miniature.diffusion.dataset import SIDE, Dataset
from miniature.training.pixels import psnr, to_tensor
from miniature.training.progress import Budget, Means, rate

FACTOR = 4
CROP = 64
_BATCH = 16
_GRADIENT_WEIGHT = 0.5
_KL_WEIGHT = 1e-4


def make_vae() -> AutoencoderKL:
    """A stock AutoencoderKL of 0.65 M parameters: factor 4, 4 channels."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=SIDE,
        scaling_factor=1.0,
    )


def _corner(rng: np.random.Generator, data: Dataset, index: int) -> tuple[int, int]:
    """(x, y) of a crop on the latent grid that shows a head (a third of them), a body or an object."""
    truth = data.truths[index]
    person, thing = truth.person_box, truth.object_box
    if person and (not thing or rng.random() < 0.65):
        x = (person[0] + person[2]) / 2 if rng.random() < 0.5 else rng.uniform(person[0], person[2])
        y = person[1] + 0.1 if rng.random() < 0.5 else rng.uniform(person[1], person[3])
    else:
        box = thing or (0.0, 0.0, 1.0, 1.0)
        x, y = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3])
    shift = rng.integers(-12, 13, 2)
    left, top = (
        round((centre * SIDE - CROP / 2 + s) / FACTOR) for centre, s in zip((x, y), shift, strict=True)
    )
    last = (SIDE - CROP) // FACTOR
    return FACTOR * min(last, max(0, left)), FACTOR * min(last, max(0, top))


def _crops(
    rng: np.random.Generator, data: Dataset, among: int
) -> tuple[torch.Tensor, list[tuple[int, int, int]]]:
    """A batch of crops of the first `among` pictures, and (index, x, y) of each."""
    places = []
    for index in rng.integers(among, size=_BATCH):
        places.append((int(index), *_corner(rng, data, int(index))))
    pictures = np.stack([data.pictures[i, y : y + CROP, x : x + CROP] for i, x, y in places])
    return to_tensor(pictures), places


def _edges(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return values[..., 1:] - values[..., :-1], values[..., 1:, :] - values[..., :-1, :]


def picture_loss(made: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """L1 + 0.5 L1 of the gradients + MSE, and the MSE by itself."""
    squared = F.mse_loss(made, wanted)
    edges = [F.l1_loss(a, b) for a, b in zip(_edges(made), _edges(wanted), strict=True)]
    return F.l1_loss(made, wanted) + _GRADIENT_WEIGHT * (edges[0] + edges[1]) + squared, squared


def _step(loss: torch.Tensor, optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


def train(data: Dataset, folder: Path, minutes: float, *, seed: int = 0) -> AutoencoderKL:
    """Train encoder and decoder on crops for so many minutes and save to `folder`."""
    torch.manual_seed(seed)
    vae = make_vae().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4)
    rng, budget, means, step = np.random.default_rng(seed), Budget(minutes), Means("vae", 100), 0
    while budget.share < 1:
        wanted, _ = _crops(rng, data, len(data))
        posterior = vae.encode(wanted).latent_dist
        loss, squared = picture_loss(vae.decode(posterior.sample()).sample, wanted)
        divergence = posterior.kl().mean() / posterior.mean[0].numel()
        _step(loss + _KL_WEIGHT * divergence, optimizer, rate(2e-3, step, budget.share, flat=0.1))
        step += 1
        means.add(step, _BATCH, budget, psnr=psnr(squared.item()), kl=divergence.item())
        if step % 500 == 0:
            vae.save_pretrained(folder)
    vae.save_pretrained(folder)
    return vae


def polish(
    vae: AutoencoderKL, data: Dataset, latents: torch.Tensor, folder: Path, minutes: float, *, seed: int = 1
) -> AutoencoderKL:
    """Train the decoder alone against cached latents (N, 4, 32, 32), which stay as they are."""
    torch.manual_seed(seed)
    vae = copy.deepcopy(vae).to(memory_format=torch.channels_last)
    learnt = [*vae.decoder.parameters(), *vae.post_quant_conv.parameters()]
    optimizer = torch.optim.AdamW(learnt, lr=1e-3, betas=(0.9, 0.98), weight_decay=1e-4)
    rng, budget, means, step = np.random.default_rng(seed), Budget(minutes), Means("polish", 100), 0
    size = CROP // FACTOR
    while budget.share < 1:
        wanted, places = _crops(rng, data, len(latents))
        corners = [(i, x // FACTOR, y // FACTOR) for i, x, y in places]
        coded = torch.stack([latents[i, :, y : y + size, x : x + size] for i, x, y in corners]).float()
        coded = (coded + 0.03 * torch.randn_like(coded)).contiguous(memory_format=torch.channels_last)
        loss, squared = picture_loss(vae.decode(coded).sample, wanted)
        _step(loss, optimizer, rate(1.5e-3, step, budget.share))
        step += 1
        means.add(step, _BATCH, budget, psnr=psnr(squared.item()))
    vae.save_pretrained(folder)
    return vae


@torch.no_grad()
def encode(vae: AutoencoderKL, data: Dataset, count: int, *, batch: int = 64) -> torch.Tensor:
    """Latent means of the first pictures, float16 (count, 4, 32, 32)."""
    budget, means, out = Budget(1e9), Means("latents", 20), []
    for number, first in enumerate(range(0, count, batch), start=1):
        pictures = np.asarray(data.pictures[first : min(first + batch, count)])
        out.append(vae.encode(to_tensor(pictures)).latent_dist.mean.half().contiguous())
        means.add(number, batch, budget)
    return torch.cat(out)
