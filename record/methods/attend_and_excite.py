"""Attend-and-Excite (Chefer et al., SIGGRAPH 2023): no word of the prompt may be neglected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from record.job import Job
from record.methods.base import Guidance, Method, Moment, Term
from record.methods.losses import TokenMaps, step_size

PAPER_STEPS = 50
THRESHOLDS: Mapping[int, float] = {0: 0.05, 10: 0.5, 20: 0.8}
"""By step of 50: the attention every word must reach there."""
REFINEMENTS = 20


class AttendAndExcite(Method):
    """Strand 0 descends the loss of the most neglected of subject and object."""

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        """The paper's schedule, with one loss for both kinds of descent."""
        excite = (Term("neglect", neglect),)
        return excited(moment, job, excite, excite)


def neglect(maps: TokenMaps, job: Job) -> Tensor:
    """Largest over subject and object of 1 - the maximum of the word's smoothed map; 0..1."""
    words = (maps.roles.subject, maps.roles.object)
    return torch.stack([1 - maps.of(tokens).amax() for tokens in words]).amax()


def excited(
    moment: Moment,
    job: Job,
    terms: tuple[Term, ...],
    refined: tuple[Term, ...],
    refinements: int = REFINEMENTS,
) -> tuple[Guidance, ...]:
    """One descent of `terms` a step in the first `guided_share` of the steps.

    At steps 0, 10 and 20 of 50 up to `refinements` descents of `refined` come before it, until it is
    below 0.95, 0.5 and 0.2.
    """
    drawing = job.drawing
    if not moment.is_within(drawing.guided_share):
        return ()
    alpha = step_size(drawing.step_size, moment.step, moment.steps)
    once = Guidance(terms, alpha, drawing.gradient_rule)
    wanted = {round(step * moment.steps / PAPER_STEPS): share for step, share in THRESHOLDS.items()}
    if moment.step not in wanted or not refinements:
        return (once,)
    return replace(once, terms=refined, iterations=refinements, enough=1 - wanted[moment.step]), once
