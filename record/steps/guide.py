"""Guidance before a step: trajectories that ask for it descend their method's loss (equation 5).

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
from record.steps.trajectory import Trajectory

_MAP_LAYERS: WeakKeyDictionary[nn.Module, int] = WeakKeyDictionary()
"""Cross-attention layers of the map's resolution, by UNet, counted in its first guided call."""


def guide(backbone: Backbone, batch: Sequence[Trajectory]) -> list[Trajectory]:
    """The batch, guided where its methods ask for it; the trajectories given stay as they are."""
    moved = list(batch)
    active = {i: plan for i, trajectory in enumerate(batch) if (plan := trajectory.guidance) is not None}
    iteration = 0
    while active:
        losses, gradients = _descents(backbone, [moved[i] for i in active])
        for row, (i, plan) in enumerate(list(active.items())):
            if iteration >= plan.at_least and losses[row] < plan.enough:
                del active[i]
                continue
            latent = descend(moved[i].latents[0], gradients[row], plan.alpha, plan.rule)
            moved[i] = moved[i].with_picture(latent)
        iteration += 1
        active = {i: plan for i, plan in active.items() if iteration < plan.iterations}
    return moved


def _descents(backbone: Backbone, batch: Sequence[Trajectory]) -> tuple[list[float], Tensor]:
    """Each trajectory's loss, and its gradient with respect to strand 0 (B x C x h x w)."""
    with torch.enable_grad():
        latents = torch.stack([t.latents[0] for t in batch]).detach().requires_grad_(True)
        maps = _read(backbone, batch, latents)
        losses = [
            t.method.loss(TokenMaps(rows, t.roles, t.job.settings.map_temperature), t.job)
            for t, rows in zip(batch, maps.mean(), strict=True)
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
