"""BoxDiff (Xie et al., ICCV 2023): the attention of phrases is drawn into given boxes."""

from __future__ import annotations

import torch
from torch import Tensor

from record.geometry import Box
from record.job import Job
from record.methods.attend_and_excite import excited
from record.methods.base import Guidance, Method, Moment, Term
from record.methods.losses import TokenMaps, box_loss, box_mask, inner_loss
from record.methods.placement import placements


class BoxDiff(Method):
    """Inner, outer and corner losses of the object, and of the person where one is known."""

    def guidance(self, moment: Moment, job: Job) -> tuple[Guidance, ...]:
        """Attend-and-Excite's schedule, as the authors' code has it."""
        if job.box is None:
            return ()
        return excited(moment, job, (Term("boxes", boxes_loss),), (Term("emptiest", worst_inner_loss),))


def boxes_loss(maps: TokenMaps, job: Job) -> Tensor:
    """Sum of the three losses over all boxes."""
    return torch.stack([box_loss(grid, box) for grid, box in _placed(maps, job)]).sum()


def worst_inner_loss(maps: TokenMaps, job: Job) -> Tensor:
    """Inner loss of the box that is filled least; what refinement lowers."""
    pairs = _placed(maps, job)
    return torch.stack([inner_loss(grid, box_mask(box, grid.shape[-1], grid)) for grid, box in pairs]).amax()


def _placed(maps: TokenMaps, job: Job) -> list[tuple[Tensor, Box]]:
    return [(maps.of(getattr(maps.roles, one.role)), one.box) for one in placements(job)]
