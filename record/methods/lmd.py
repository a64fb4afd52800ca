"""LLM-grounded diffusion (Lian et al., TMLR 2024): a language model lays out, attention is drawn along.

Only the overall stage of its generation: the per-box pictures whose latents and maps the paper blends
in are not drawn. The layout half of LayoutLLM-T2I, boxes from a language model, can run through this
method as well; its own generator needs fine-tuned weights.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from record.job import Job
from record.methods.base import Guidance, Method, Moment, Term
from record.methods.losses import TokenMaps, box_mask, inner_loss, outer_loss, step_size
from record.methods.placement import Placement, placements

ITERATIONS = (4,) * 5 + (3,) * 5 + (2,) * 10 + (1,) * 10
"""Most descents, by step of 50; none later."""
PAPER_STEPS = 50
LOSS_SCALE = 5.0
LOSS_THRESHOLD = 5.0
HEADS = 8
"""The authors sum the loss over the heads of Stable Diffusion 1.x; here maps are means over heads."""
BACKGROUND_WEIGHT = 4.0


class LMD(Method):
    """Top-20% losses inside and outside the boxes of the object and, where one is known, the person."""

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        """Up to 4, 3, 2, then 1 descents a step in the first 30 of 50, while the loss is above 5 / 8.

        alpha is the paper's 5 sqrt(1 - cumulative alpha) for the sum over heads, or with the
        normalised rule the settings' own step size.
        """
        index, drawing = moment.step * PAPER_STEPS // moment.steps, job.drawing
        if job.box is None or index >= len(ITERATIONS):
            return ()
        alpha = LOSS_SCALE * HEADS * math.sqrt(1 - moment.alpha)
        if drawing.gradient_rule == "normalised":
            alpha = step_size(drawing.step_size, moment.step, moment.steps)
        enough = LOSS_THRESHOLD / HEADS
        terms = (Term("layout", layout_loss),)
        return (Guidance(terms, alpha, drawing.gradient_rule, ITERATIONS[index], enough),)


def layout_loss(maps: TokenMaps, job: Job) -> Tensor:
    """Mean over the boxes of inner + 4 outer loss, on probabilities as they are."""
    return torch.stack([_loss(maps, one) for one in placements(job)]).mean()


def _loss(maps: TokenMaps, placement: Placement) -> Tensor:
    grid = maps.raw(getattr(maps.roles, placement.role))
    mask = box_mask(placement.box, grid.shape[-1], grid)
    return inner_loss(grid, mask) + BACKGROUND_WEIGHT * outer_loss(grid, mask)
