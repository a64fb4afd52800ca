"""Guidance before a step: trajectories that ask for it descend a loss (equation 5).

Guidance reads maps of the conditional row alone, without edits, and its forward ends after the last
layer whose map is read. Unlike trajectories share forwards, each with iterations of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from record.attention import AttentionPlan, CrossEdit, Enough, Maps, controlled_attention
from record.backbone import Backbone
from record.guidance import TokenMaps, descend
from record.methods import Guidance
from record.steps.trajectory import Trajectory

_MAP_LAYERS: WeakKeyDictionary[nn.Module, int] = WeakKeyDictionary()
"""Cross-attention layers of the map's resolution, by UNet, counted in its first guided call."""


def guide(backbone: Backbone, batch: Sequence[Trajectory]) -> list[Trajectory]:
    """The batch, guided where its methods ask for it; the trajectories given stay as they are."""
    moved = list(batch)
    descents = {
        i: [plan for plan in trajectory.guidance for _ in range(plan.iterations)]
        for i, trajectory in enumerate(batch)
    }
    while descents := {i: left for i, left in descents.items() if left}:
        plans = [left[0] for left in descents.values()]
        losses, gradients = _descents(backbone, [moved[i] for i in descents], plans)
        for i, plan, loss, gradient in zip(list(descents), plans, losses, gradients, strict=True):
            if loss < plan.enough:
                descents[i] = [other for other in descents[i] if other is not plan]
                continue
            descents[i] = descents[i][1:]
            moved[i] = moved[i].with_picture(descend(moved[i].latents[0], gradient, plan.alpha, plan.rule))
    return moved


def _descents(
    backbone: Backbone, batch: Sequence[Trajectory], plans: Sequence[Guidance]
) -> tuple[list[float], Tensor]:
    """Each trajectory's loss, and its gradient with respect to strand 0 (B x C x h x w)."""
    with torch.enable_grad():
        latents = torch.stack([t.latents[0] for t in batch]).detach().requires_grad_(True)
        maps = _read(backbone, batch, latents)
        losses = [
            plan.loss(TokenMaps(rows, t.roles, t.job.settings.map_temperature), t.job)
            for t, plan, rows in zip(batch, plans, maps.mean(), strict=True)
        ]
        (gradients,) = torch.autograd.grad(torch.stack(losses).sum(), latents)
    return torch.stack(losses).tolist(), gradients


def _read(backbone: Backbone, batch: Sequence[Trajectory], latents: Tensor) -> Maps:
    unet = backbone.unet
    rows = tuple(range(len(batch)))
    plan = AttentionPlan(
        rows, (CrossEdit(),) * len(rows), map_pixels=backbone.map_size**2, read=True,
        stop_after=_MAP_LAYERS.get(unet),
    )  # fmt: skip
    with controlled_attention(unet, plan) as maps:
        try:
            times = torch.stack([t.timestep for t in batch])
            backbone.denoise(latents, times, [backbone.encode(t.job.prompt.text) for t in batch])
        except Enough:
            pass
    _MAP_LAYERS[unet] = len(maps.layers)
    return maps
