"""MultiDiffusion (Bar-Tal et al., ICML 2023), by regions: each box is denoised with its own phrase."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from record.backbone import Backbone
from record.guidance import box_mask
from record.job import Job
from record.methods.base import Method, Moment, Strand
from record.methods.placement import placements

BOOTSTRAPPED_SHARE = 20 / 50
COLOURS = np.random.default_rng(0).integers(0, 256, (20, 3))
"""Flat backgrounds (RGB, 0..255) that phrases are bootstrapped on."""


class MultiDiffusion(Method):
    """The whole sentence around the boxes, the object's phrase and the person's inside theirs."""

    needs_box: ClassVar[bool] = True

    def strands(self, moment: Moment, job: Job) -> tuple[Strand, ...]:
        """A strand a region, all of them standing at the same latent."""
        return Strand(job.prompt.text), *(Strand(one.text) for one in placements(job))

    def inputs(self, latents: Tensor, moment: Moment, job: Job, backbone: Backbone) -> Tensor:
        """Early on a phrase sees nothing around its box but a random flat colour, noised to the step."""
        if len(latents) == 1 or not moment.is_within(BOOTSTRAPPED_SHARE):
            return latents
        inside = region_masks(job, latents)[1:]
        chosen = np.random.default_rng([job.seed, moment.step]).choice(COLOURS, len(inside))
        flat = torch.stack([backbone.flat((int(r), int(g), int(b))) for r, g, b in chosen])
        noise = backbone.initial_noise(job.seed)
        noised = math.sqrt(moment.alpha) * flat + math.sqrt(1 - moment.alpha) * noise
        return torch.cat([latents[:1], latents[1:] * inside + noised * (1 - inside)])

    def fuse(self, latents: Tensor, moment: Moment, job: Job) -> Tensor:
        """Every strand becomes the mean of those whose region covers the cell (the paper's eq. 5)."""
        masks = region_masks(job, latents)
        return ((masks * latents).sum(0) / masks.sum(0)).expand_as(latents)


def region_masks(job: Job, latents: Tensor) -> Tensor:
    """1 inside each strand's region (R x 1 x h x w); strand 0's is what no box covers."""
    boxes = [box_mask(one.box, latents.shape[-1], latents) for one in placements(job)]
    around = torch.ones_like(latents[0, 0]) - sum(boxes, torch.zeros_like(latents[0, 0]))
    return torch.stack([around.clamp(min=0), *boxes])[:, None]
