"""A UNet call under attention control, without gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from record.backbone import Backbone, Conditioning
from record.backbone.attention import AttentionPlan, controlled_attention

Answer = tuple[Tensor, Tensor | None]
"""The prediction (B x C x h x w), and the maps of the rows the plan reads (rows x pixels x tokens)."""
Call = Callable[[Backbone, AttentionPlan, Tensor, Tensor, Sequence[Conditioning]], Answer]


@torch.no_grad()
def call_unet(
    backbone: Backbone, plan: AttentionPlan, latents: Tensor, timesteps: Tensor, texts: Sequence[Conditioning]
) -> Answer:
    """Rows (B x C x h x w) at their own timesteps (B), each with its text."""
    with controlled_attention(backbone.unet, plan) as maps:
        predicted = backbone.denoise(latents, timesteps, texts)
    return predicted, maps.mean() if plan.reads else None
