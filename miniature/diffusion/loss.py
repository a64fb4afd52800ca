"""What the denoiser learns from: the velocity's error, and the nouns' attention against their masks."""

from __future__ import annotations

from typing import Any, Protocol

import torch
import torch.nn.functional as F

from miniature.diffusion.models import AttentionReader
from miniature.diffusion.samples import Samples

DROPPED_CAPTIONS = 0.1
"""Share of the captions left out, for classifier-free guidance."""


def attention_loss(
    maps: torch.Tensor, nouns: torch.Tensor, masks: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """How badly the nouns' maps fit their masks (token loss + binary cross-entropy), weighted per sample.

    maps (B, 256, tokens), nouns (B, 2, tokens) bool, masks (B, 2, 256) in 0..1, weight (B,). A noun's map
    is the sum over its tokens. Nouns without tokens or pixels do not count.
    """
    found = torch.einsum("bpt,bnt->bnp", maps, nouns.to(maps.dtype)).clamp(1e-5, 1 - 1e-5)
    present = nouns.any(-1) & (masks.sum(-1) > 0.5)
    share = weight[:, None] * present
    firm = (masks > 0.3).to(maps.dtype)
    firm = torch.where(firm.sum(-1, keepdim=True) > 0, firm, (masks > 0).to(maps.dtype))
    outside = (1 - (found * firm).sum(-1) / found.sum(-1)) ** 2
    pixels = F.binary_cross_entropy(found, masks, reduction="none").mean(-1)
    return ((outside + pixels) * share).sum() / share.sum().clamp(min=1)


class Denoiser(Protocol):
    """A denoiser and its text encoder while they learn."""

    unet: Any
    text: Any


def loss_of(
    learner: Denoiser,
    reader: AttentionReader,
    samples: Samples,
    rows: torch.Tensor,
    alphas: torch.Tensor,
    *,
    half: bool = False,
    dropped: float = DROPPED_CAPTIONS,
) -> tuple[torch.Tensor, torch.Tensor]:
    """(mean squared error of the velocity, attention loss) of the samples in `rows`.

    `half` computes in bfloat16; `dropped` is the share of captions left out.
    """
    latents = samples.latents[rows].float()
    # One timestep from each of B equal parts: less noise in the gradient than independent ones.
    times = ((torch.arange(len(rows)) + torch.rand(len(rows))) * 1000 / len(rows)).long()
    alpha = alphas[times][:, None, None, None]
    noise = torch.randn_like(latents)
    noisy = (alpha.sqrt() * latents + (1 - alpha).sqrt() * noise).contiguous(
        memory_format=torch.channels_last
    )
    velocity = alpha.sqrt() * noise - (1 - alpha).sqrt() * latents
    untold = torch.rand(len(rows)) < dropped
    ids = torch.where(untold[:, None], samples.no_caption, samples.ids[rows])
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        predicted = learner.unet(noisy, times, learner.text(ids).last_hidden_state).sample
    weight = alpha.flatten().sqrt().clamp(min=0.15) * ~untold
    masks = samples.masks[rows].float() / 255
    fit = attention_loss(reader.take().float(), samples.nouns[rows], masks, weight)
    return F.mse_loss(predicted.float(), velocity), fit
