"""What ReCorD's second pass descends: equation 4, and terms of our own beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from record.job import Job
from record.methods.attend_and_excite import excited
from record.methods.base import Guidance, Moment, Term
from record.methods.losses import (
    TokenMaps,
    box_loss,
    box_mask,
    hold_loss,
    inner_loss,
    overlap_loss,
    presence_loss,
)


def correction(moment: Moment, job: Job) -> tuple[Guidance, ...]:
    """One descent of all terms a step while guided; at three steps of 50 `refinements` of the box before.

    Once the terms' sum is below `enough_loss`, the trajectory is not guided again.
    """
    if job.box is None:
        return ()
    drawing = job.drawing
    refined = (Term("filled", _filled),)
    plans = excited(moment, job, terms(job), refined, drawing.refinements)
    return tuple(
        replace(plan, enough=drawing.enough_loss, for_good=True) if plan is plans[-1] else plan
        for plan in plans
    )


def terms(job: Job) -> tuple[Term, ...]:
    """Equation 4, and the terms of our own that the job has a reference for, weighed as its drawing says."""
    drawing, reference = job.drawing, job.reference
    found = [Term("box", _box), Term("presence", _presence, drawing.presence_weight)]
    if reference.person_mask is not None:
        found.append(Term("overlap", _overlap, drawing.overlap_weight))
    if reference.subject_map is not None:
        found.append(Term("hold subject", partial(_hold, role="subject"), drawing.hold_weight))
    if reference.verb_map is not None:
        found.append(Term("hold verb", partial(_hold, role="verb"), drawing.hold_weight))
    return tuple(found)


def _box(maps: TokenMaps, job: Job) -> Tensor:
    assert job.box is not None
    return box_loss(maps.of(maps.roles.object), job.box)


def _filled(maps: TokenMaps, job: Job) -> Tensor:
    """The inner loss of the object's box; where presence counts, the worse of both."""
    assert job.box is not None
    grid = maps.of(maps.roles.object)
    inner = inner_loss(grid, box_mask(job.box, grid.shape[-1], grid))
    return torch.maximum(inner, _presence(maps, job)) if job.drawing.presence_weight else inner


def _presence(maps: TokenMaps, job: Job) -> Tensor:
    assert job.box is not None
    return presence_loss(maps.of(maps.roles.subject), maps.of(maps.roles.object), job.box)


def _overlap(maps: TokenMaps, job: Job) -> Tensor:
    assert job.box is not None and job.reference.person_mask is not None
    return overlap_loss(maps.of(maps.roles.object), job.reference.person_mask, job.box)


def _hold(maps: TokenMaps, job: Job, role: Literal["subject", "verb"]) -> Tensor:
    """Probabilities as they are, as the candidate's were read."""
    held = job.reference.subject_map if role == "subject" else job.reference.verb_map
    assert held is not None
    return hold_loss(maps.raw(getattr(maps.roles, role)), held)
