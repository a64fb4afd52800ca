"""Small pictures straight from latents: a linear map of their channels to colours, without decoding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from record.types import Picture

PICTURES, PATCHES = 4, 8
"""How many pictures the map is fitted to, and how many patches of one colour are along an edge of each."""


@dataclass(frozen=True)
class Colours:
    """The map: (C + 1) x 3, the last row for what does not depend on the latents."""

    weights: Tensor

    @classmethod
    @torch.no_grad()
    def fit(cls, encode: Callable[[Tensor], Tensor], edge: int) -> Self:
        """Fit it by least squares to soft patches of colour, `edge` pixels high and wide.

        `encode` takes pictures in -1..1 (B x 3 x H x W) and gives their latents (B x C x h x w).
        """
        generator = torch.Generator().manual_seed(0)
        patches = torch.rand((PICTURES, 3, PATCHES, PATCHES), generator=generator)
        pictures = interpolate(patches, size=(edge, edge), mode="bilinear")
        latents = torch.cat([encode(one[None] * 2 - 1).double().cpu() for one in pictures])
        small = avg_pool2d(pictures, edge // latents.shape[-1]).double()
        found = torch.linalg.lstsq(_with_one(latents).flatten(0, 2), small.movedim(1, -1).flatten(0, 2))
        return cls(found.solution.float())

    @torch.no_grad()
    def picture(self, latents: Tensor) -> Picture:
        """What latents (C x h x w) show, in their own size (uint8, h x w x 3)."""
        unit = (_with_one(latents[None].float()) @ self.weights.to(latents.device))[0].clamp(0, 1)
        shown: Picture = (unit * 255).round().cpu().numpy().astype(np.uint8)
        return shown


def _with_one(latents: Tensor) -> Tensor:
    """Channels last, and a channel of ones (B x h x w x (C + 1))."""
    last = latents.movedim(1, -1)
    return torch.cat([last, torch.ones_like(last[..., :1])], dim=-1)
