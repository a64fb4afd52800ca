"""MultiDiffusion (Bar-Tal et al., ICML 2023), by regions: each box is denoised with its own phrase."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from record.backbone import Backbone
from record.job import Job
from record.methods.base import Method, Moment, Strand
from record.methods.losses import box_mask
from record.methods.placement import placements, surroundings

COLOURS = np.random.default_rng(0).integers(0, 256, (20, 3))
"""Flat backgrounds (RGB, 0..255) that phrases are bootstrapped on."""


class MultiDiffusion(Method):
    """The object's phrase in its box, the person's in theirs, and the scene around them.

    Where no box is known for the person, what lies around asks for them. Strand 0, the whole sentence,
    has no region: it is read and not drawn.
    """

    def strands(self, moment: Moment, job: Job) -> tuple[Strand, ...]:
        """The sentence, what lies around, and a strand a box; all stand at the same latent."""
        placed = placements(job)
        if not placed:
            return (Strand(job.prompt.text),)
        is_person_placed = any(one.role == "subject" for one in placed)
        around = Strand(surroundings(job.prompt) if is_person_placed else job.prompt.intransitive)
        return Strand(job.prompt.text, is_guided=False), around, *(Strand(one.text) for one in placed)

    def inputs(self, latents: Tensor, moment: Moment, job: Job, backbone: Backbone) -> Tensor:
        """A phrase sees nothing around its box but a random flat colour, noised to the step."""
        if len(latents) == 1 or not moment.is_within(job.drawing.bootstrapped_share):
            return latents
        inside = region_masks(job, latents)[2:]
        rng = np.random.default_rng([job.seed, moment.step])
        colours = rng.choice(COLOURS, len(inside)).tolist()
        flat = torch.stack([backbone.flat((red, green, blue)) for red, green, blue in colours])
        noise = backbone.initial_noise(job.seed)
        noised = math.sqrt(moment.alpha) * flat + math.sqrt(1 - moment.alpha) * noise
        return torch.cat([latents[:2], latents[2:] * inside + noised * (1 - inside)])

    def fuse(self, latents: Tensor, moment: Moment, job: Job) -> Tensor:
        """Every strand becomes the mean of those whose region covers the cell (the paper's eq. 5)."""
        if len(latents) == 1:
            return latents
        masks = region_masks(job, latents)
        return ((masks * latents).sum(0) / masks.sum(0)).expand_as(latents)


def region_masks(job: Job, latents: Tensor) -> Tensor:
    """1 inside each strand's region (R x 1 x h x w); strand 1's is what no box covers."""
    boxes = [box_mask(one.box, latents.shape[-1], latents) for one in placements(job)]
    around = 1 - torch.stack(boxes).amax(0)
    return torch.stack([torch.zeros_like(around), around, *boxes])[:, None]
