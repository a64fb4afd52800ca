"""The autoencoder: 256 x 256 pictures to 32 x 32 x 4 latents and back, and its training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from miniature.diffusion.dataset import Dataset, Truth
from miniature.diffusion.optimisers import Optimisers, faster_in_half
from miniature.training.pixels import psnr, to_tensor
from miniature.training.progress import Budget, Means, rate
from miniature.world.canvas import SIDE

FACTOR = 8
CROP = 96
_POLISH_CROP = 160
_BATCH = 8
_PEAK_RATE = 4e-3
_FLAT_SHARE = 0.3
_KL_WEIGHT = 1e-4
_GRADIENT_WEIGHT = 0.5
_OUTSIDE_MUON = ("conv_in", "conv_out", "quant_conv")
DECODER = ("decoder.", "post_quant_conv.")
"""How the names of the decoder's weights begin."""
_WHOLE_SHARE = 0.15
"""Share of crops that lie anywhere; the others show a head, a hand or an object."""


def make_vae() -> AutoencoderKL:
    """A stock AutoencoderKL of 1.64 M parameters: factor 8, 4 channels."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 96),
        layers_per_block=1,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=SIDE,
        scaling_factor=1.0,
    )


def _centre(rng: np.random.Generator, truth: Truth) -> tuple[float, float]:
    """A place in 0..1 to look at: a head, a hand or a point of an object, as often as not; or anywhere."""
    if rng.random() >= _WHOLE_SHARE:
        if truth.parts and (not truth.object_box or rng.random() < 0.55):
            return truth.parts[0] if rng.random() < 0.55 else truth.parts[int(rng.integers(1, 3))]
        if truth.object_box:
            x0, y0, x1, y1 = truth.object_box
            return float(rng.uniform(x0, x1)), float(rng.uniform(y0, y1))
    return float(rng.random()), float(rng.random())


def corner(rng: np.random.Generator, truth: Truth, crop: int) -> tuple[int, int]:
    """Left and upper edge of a crop, in pixels on the latent grid."""
    last = (SIDE - crop) // FACTOR
    centre, shift = _centre(rng, truth), rng.integers(-20, 21, 2)
    x, y = (
        FACTOR * min(last, max(0, round((place * SIDE - crop / 2 + s) / FACTOR)))
        for place, s in zip(centre, shift, strict=True)
    )
    return x, y


def _crops(rng: np.random.Generator, data: Dataset) -> torch.Tensor:
    """A batch of crops on the latent grid, (B, 3, CROP, CROP) in -1..1."""
    out = []
    for index in rng.integers(len(data), size=_BATCH):
        x, y = corner(rng, data.truths[index], CROP)
        out.append(data.pictures[index, y : y + CROP, x : x + CROP])
    return to_tensor(np.stack(out))


def _edges(values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return values[..., 1:] - values[..., :-1], values[..., 1:, :] - values[..., :-1, :]


def edge_loss(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """0.5 L1 of the gradients."""
    across, down = (F.l1_loss(a, b) for a, b in zip(_edges(made), _edges(wanted), strict=True))
    return _GRADIENT_WEIGHT * (across + down)


def picture_loss(made: torch.Tensor, wanted: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """L1 + 0.5 L1 of the gradients + MSE, and the MSE by itself."""
    squared = F.mse_loss(made, wanted)
    return F.l1_loss(made, wanted) + edge_loss(made, wanted) + squared, squared


def optimisers_of(vae: AutoencoderKL, names: tuple[str, ...] = ("",)) -> Optimisers:
    """Muon and AdamW for the weights whose names begin so."""
    named = [(name, weight) for name, weight in vae.named_parameters() if name.startswith(names)]
    return Optimisers.of(named, _OUTSIDE_MUON, betas=(0.9, 0.98), weight_decay=1e-4)


def _loss(vae: AutoencoderKL, wanted: torch.Tensor, half: bool) -> tuple[torch.Tensor, float, float]:
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        posterior = vae.encode(wanted).latent_dist
        made = vae.decode(posterior.sample()).sample
    loss, squared = picture_loss(made.float(), wanted)
    divergence = posterior.kl().float().mean() / posterior.mean[0].numel()
    return loss + _KL_WEIGHT * divergence, squared.item(), divergence.item()


def train(data: Dataset, folder: Path, minutes: float, *, seed: int = 0) -> AutoencoderKL:
    """Train on crops for so many minutes and save to `folder`, every 500 steps and at the end.

    Where `folder` holds an autoencoder already, its weights are the first ones.
    """
    torch.manual_seed(seed)
    known = (folder / "config.json").is_file()
    vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32) if known else make_vae()
    rng, vae = np.random.default_rng(seed), vae.to(memory_format=torch.channels_last)
    trial = _crops(rng, data)

    def attempt(half: bool) -> None:
        _loss(vae, trial, half)[0].backward()  # type: ignore[no-untyped-call]

    half = faster_in_half(attempt)
    optimisers = optimisers_of(vae)
    budget, means, step = Budget(minutes), Means("vae", 100), 0
    while budget.share < 1:
        loss, squared, divergence = _loss(vae, _crops(rng, data), half)
        optimisers.step(loss, rate(_PEAK_RATE, step, budget.share, flat=_FLAT_SHARE, warm=100))
        step += 1
        means.add(step, _BATCH, budget, psnr=psnr(squared), kl=divergence)
        if step % 500 == 0:
            vae.save_pretrained(folder)
    vae.save_pretrained(folder)
    return vae


def polish(
    vae: AutoencoderKL, data: Dataset, latents: torch.Tensor, folder: Path, minutes: float, *, seed: int = 1
) -> AutoencoderKL:
    """Train the decoder alone against cached latents (N, 4, 32, 32), which stay as they are; saves it.

    Crops are larger than before, so that wide plain areas get their colour right.
    """
    torch.manual_seed(seed)
    rng, optimisers = np.random.default_rng(seed), optimisers_of(vae, DECODER)
    trial = _pairs(rng, data, latents)[1][:1, :, :8, :8]
    half = faster_in_half(lambda half: _decode(vae, trial, half).mean().backward())  # type: ignore[no-untyped-call]
    budget, means, step = Budget(minutes), Means("polish", 100), 0
    while budget.share < 1:
        wanted, coded = _pairs(rng, data, latents)
        made = _decode(vae, coded + 0.03 * torch.randn_like(coded), half)
        loss, squared = picture_loss(made, wanted)
        optimisers.step(loss, rate(_PEAK_RATE / 2, step, budget.share, warm=100))
        step += 1
        means.add(step, len(wanted), budget, psnr=psnr(squared.item()))
    vae.save_pretrained(folder)
    return vae


def _decode(vae: AutoencoderKL, latents: torch.Tensor, half: bool) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        made: torch.Tensor = vae.decode(latents).sample
    return made.float()


def _pairs(
    rng: np.random.Generator, data: Dataset, latents: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Crops of pictures and of their latents."""
    pictures, coded, size = [], [], _POLISH_CROP // FACTOR
    for index in rng.integers(len(latents), size=_BATCH // 2):
        x, y = corner(rng, data.truths[index], _POLISH_CROP)
        pictures.append(data.pictures[index, y : y + _POLISH_CROP, x : x + _POLISH_CROP])
        column, row = x // FACTOR, y // FACTOR
        coded.append(latents[index, :, row : row + size, column : column + size])
    stacked = torch.stack(coded).float().contiguous(memory_format=torch.channels_last)
    return to_tensor(np.stack(pictures)), stacked


@torch.no_grad()
def encode(vae: AutoencoderKL, data: Dataset, first: int, count: int) -> torch.Tensor:
    """Latent means of `count` pictures from `first`, float16 (count, 4, 32, 32).

    Small batches: larger ones fall out of the processor's cache and are slower.
    """
    budget, means, out, batch = Budget(1e9), Means("latents", 250), [], 4

    def means_of(start: int, half: bool) -> torch.Tensor:
        pictures = np.asarray(data.pictures[start : min(start + batch, first + count)])
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            made: torch.Tensor = vae.encode(to_tensor(pictures)).latent_dist.mean
        return made.half().contiguous()

    half = faster_in_half(lambda half: means_of(first, half))
    for number, start in enumerate(range(first, first + count, batch), start=1):
        out.append(means_of(start, half))
        means.add(number, batch, budget)
    return torch.cat(out)
