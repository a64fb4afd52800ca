"""Guidance before a step: trajectories that ask for it descend a loss (equation 5).

Guidance reads maps of the conditional row alone, without edits, and its forward ends after the last
layer whose map is read. Unlike trajectories share forwards, each with iterations of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from record.backbone import Backbone
from record.backbone.attention import AttentionPlan, Enough, Maps, controlled_attention
from record.engine.trajectory import Trajectory
from record.methods import Guidance
from record.methods.losses import TokenMaps, descend

ROWS_A_CALL = 4
"""Most rows of a guided call: five were seen to round a gradient otherwise than one alone (bfloat16, CPU)."""


def guide(backbone: Backbone, batch: Sequence[Trajectory]) -> list[Trajectory]:
    """The batch, guided where its methods ask for it; the trajectories given stay as they are."""
    moved = list(batch)
    descents = {
        i: [plan for plan in trajectory.guidance for _ in range(plan.iterations)]
        for i, trajectory in enumerate(batch)
    }
    while descents := {i: left for i, left in descents.items() if left}:
        plans = [left[0] for left in descents.values()]
        losses, gradients = _in_parts(backbone, [moved[i] for i in descents], plans)
        for i, plan, loss, gradient in zip(list(descents), plans, losses, gradients, strict=True):
            if loss < plan.enough:
                descents[i] = [other for other in descents[i] if other is not plan]
                continue
            descents[i] = descents[i][1:]
            moved[i] = moved[i].with_picture(descend(moved[i].latents[0], gradient, plan.alpha, plan.rule))
    return moved


def _in_parts(
    backbone: Backbone, batch: Sequence[Trajectory], plans: Sequence[Guidance]
) -> tuple[list[float], list[Tensor]]:
    """`_descents` of all, a few rows a call."""
    losses, gradients = list[float](), list[Tensor]()
    for start in range(0, len(batch), ROWS_A_CALL):
        part = slice(start, start + ROWS_A_CALL)
        found, steepest = _descents(backbone, batch[part], plans[part])
        losses += found
        gradients += steepest.unbind()
    return losses, gradients


def _descents(
    backbone: Backbone, batch: Sequence[Trajectory], plans: Sequence[Guidance]
) -> tuple[list[float], Tensor]:
    """Each trajectory's loss, and its gradient with respect to strand 0 (B x C x h x w)."""
    # The backward pass stays inside the block: checkpointed layers run again in it.
    with torch.enable_grad(), controlled_attention(backbone.unet, _plan(backbone, len(batch))) as maps:
        latents = torch.stack([t.latents[0] for t in batch]).detach().requires_grad_(True)
        read = _read(backbone, batch, latents, maps)
        losses = [
            plan.loss(TokenMaps(rows, t.roles, t.job.drawing.map_temperature), t.job)
            for t, plan, rows in zip(batch, plans, read, strict=True)
        ]
        (gradients,) = torch.autograd.grad(torch.stack(losses).sum(), latents)
    return torch.stack(losses).tolist(), gradients


def _plan(backbone: Backbone, rows: int) -> AttentionPlan:
    return AttentionPlan(
        reads=tuple(range(rows)), map_pixels=backbone.map_size**2, stop_after=backbone.map_layers,
    )  # fmt: skip


def _read(backbone: Backbone, batch: Sequence[Trajectory], latents: Tensor, maps: Maps) -> Tensor:
    """The conditional rows' maps, B x pixels x tokens."""
    try:
        times = torch.stack([t.timestep for t in batch])
        backbone.denoise(latents, times, [backbone.encode(t.job.prompt.text) for t in batch])
    except Enough:
        pass
    return maps.mean()
