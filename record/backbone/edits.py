"""What equations 1-3 do to one row's cross-attention map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class CrossEdit:
    """What happens to one row's cross-attention map (n heads x pixels x tokens).

    A token takes the map of the token of y' that `shared` names (int, tokens; -1 for none) from A'
    (equations 1, 2): the row's own queries on the keys of `intransitive` (tokens x channels), which is
    psi(y'), or the map of the call's row `source`. Tokens marked in `excluded` (bool, tokens) give way to
    `claim` (map pixels), one map for all heads and layers, and where that is None to the sum of those marked
    in `owner` (bool, tokens), head by head (equation 3).
    """

    intransitive: Tensor | None = None
    source: int | None = None
    shared: Tensor | None = None
    renormalise: bool = False
    owner: Tensor | None = None
    excluded: Tensor | None = None
    claim: Tensor | None = None

    @property
    def is_identity(self) -> bool:
        """True if the row's map stays as it is."""
        return self.intransitive is None and self.source is None and self.excluded is None


def edited(probabilities: Tensor, primed: Tensor | None, edit: CrossEdit) -> Tensor:
    """Equations 1-3 on one row's map (heads x pixels x tokens); `primed` is A', from psi(y')."""
    result = probabilities
    if primed is not None and edit.shared is not None:
        taken = primed.index_select(-1, edit.shared.clamp(min=0))
        result = torch.where(edit.shared >= 0, taken, result)
        if edit.renormalise:
            result = result / result.sum(-1, keepdim=True)
    if edit.excluded is not None:
        claimed = unit_range(_claimed(result, edit)).unsqueeze(-1).to(result.dtype)
        result = torch.where(edit.excluded, result * (1 - claimed), result)
    return result


def _claimed(result: Tensor, edit: CrossEdit) -> Tensor:
    """The object's map: pixels, or heads x pixels. Its scale does not count: a sum is as good as a mean."""
    if edit.claim is not None:
        return fitted(edit.claim, result.shape[-2])
    assert edit.owner is not None
    return (result * edit.owner).sum(-1)


def fitted(values: Tensor, pixels: int) -> Tensor:
    """A square map (pixels) at the resolution of a layer with so many."""
    size, wanted = math.isqrt(len(values)), math.isqrt(pixels)
    grid = values.view(1, 1, size, size)
    if wanted < size:
        grid = F.adaptive_avg_pool2d(grid, wanted)
    elif wanted > size:
        grid = F.interpolate(grid, (wanted, wanted), mode="bilinear")
    return grid.flatten()


def unit_range(maps: Tensor) -> Tensor:
    """Scale each map (... x pixels) to 0..1 over the whole map; a flat map becomes zeros."""
    low, high = maps.amin(-1, keepdim=True), maps.amax(-1, keepdim=True)
    spread = (high - low).float().clamp(min=1e-8)  # 1e-8 is zero in half precision
    return ((maps - low).float() / spread).to(maps.dtype)
