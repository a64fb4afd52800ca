"""Guidance before a step: trajectories that ask for it descend a loss (equation 5).

Guidance reads maps of the conditional row alone, without edits, and its forward ends after the last
layer whose map is read. Unlike trajectories share forwards, each with iterations and terms of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from record.backbone import Backbone
from record.backbone.attention import AttentionPlan, Enough, Maps, controlled_attention
from record.engine.trajectory import Trajectory
from record.methods import Guidance
from record.methods.losses import TokenMaps, Weighed, descend

ROWS_A_CALL = 4
"""Most rows of a guided call: five were seen to round a gradient otherwise than one alone (bfloat16, CPU)."""


@dataclass(frozen=True)
class Reading:
    """A trajectory's loss, and its slopes: the sum's, or under the normalised rule each term's own."""

    loss: float
    slopes: tuple[Weighed, ...]


def guide(backbone: Backbone, batch: Sequence[Trajectory]) -> list[Trajectory]:
    """The batch, guided where its methods ask for it; the trajectories given stay as they are."""
    moved = list(batch)
    descents = {
        i: [plan for plan in trajectory.guidance if _counts(plan) for _ in range(plan.iterations)]
        for i, trajectory in enumerate(batch)
    }
    while descents := {i: left for i, left in descents.items() if left}:
        plans = [left[0] for left in descents.values()]
        readings = _in_parts(backbone, [moved[i] for i in descents], plans)
        for i, plan, reading in zip(list(descents), plans, readings, strict=True):
            moved[i] = replace(moved[i], loss=reading.loss)
            if reading.loss < plan.enough:
                descents[i] = [other for other in descents[i] if other is not plan and not plan.for_good]
                moved[i] = replace(moved[i], is_satisfied=plan.for_good)
                continue
            descents[i] = descents[i][1:]
            picture = descend(moved[i].latents[0], reading.slopes, plan.alpha, plan.rule)
            moved[i] = moved[i].with_picture(picture)
    return moved


def _in_parts(backbone: Backbone, batch: Sequence[Trajectory], plans: Sequence[Guidance]) -> list[Reading]:
    """`_readings` of all, a few rows a call."""
    starts = range(0, len(batch), ROWS_A_CALL)
    parts = [slice(start, start + ROWS_A_CALL) for start in starts]
    return [one for part in parts for one in _readings(backbone, batch[part], plans[part])]


def _readings(backbone: Backbone, batch: Sequence[Trajectory], plans: Sequence[Guidance]) -> list[Reading]:
    """Each trajectory's loss and slopes with respect to strand 0: one forward, a backward a slope."""
    # The backward pass stays inside the block: checkpointed layers run again in it.
    with torch.enable_grad(), controlled_attention(backbone.unet, _plan(backbone, len(batch))) as maps:
        latents = torch.stack([t.latents[0] for t in batch]).detach().requires_grad_(True)
        read = _read(backbone, batch, latents, maps)
        losses = [
            _weighed(plan, TokenMaps(rows, t.roles, t.job.drawing.map_temperature), t)
            for t, plan, rows in zip(batch, plans, read, strict=True)
        ]
        slopes = _slopes(latents, [_apart(one, plan) for one, plan in zip(losses, plans, strict=True)])
    totals = torch.stack([_total(one) for one in losses]).tolist()
    return [Reading(loss, tuple(found)) for loss, found in zip(totals, slopes, strict=True)]


def _counts(plan: Guidance) -> bool:
    return any(term.weight for term in plan.terms)


def _weighed(plan: Guidance, maps: TokenMaps, trajectory: Trajectory) -> list[Weighed]:
    """The terms that count: their weights and values."""
    return [(term.weight, term.loss(maps, trajectory.job)) for term in plan.terms if term.weight]


def _total(losses: Sequence[Weighed]) -> Tensor:
    first, *others = [weight * value for weight, value in losses]
    return sum(others, first)


def _apart(losses: Sequence[Weighed], plan: Guidance) -> Sequence[Weighed]:
    """What is descended on its own: every term, or under the paper's rule their sum."""
    return losses if plan.rule == "normalised" else [(1.0, _total(losses))]


def _slopes(latents: Tensor, losses: Sequence[Sequence[Weighed]]) -> list[list[Weighed]]:
    """The gradient of every row's every loss; a backward takes the next one of each row that has one."""
    found = [list[Weighed]() for _ in losses]
    most = max(len(one) for one in losses)
    for turn in range(most):
        rows = [row for row, one in enumerate(losses) if len(one) > turn]
        lowered = torch.stack([losses[row][turn][1] for row in rows]).sum()
        (gradients,) = torch.autograd.grad(lowered, latents, retain_graph=turn + 1 < most)
        for row in rows:
            found[row].append((losses[row][turn][0], gradients[row]))
    return found


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
