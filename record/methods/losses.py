"""Losses on the object's attention map and the latent step that lowers them (paper, section 3.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from record.backbone import TokenRoles
from record.geometry import Box
from record.settings import GradientRule
from record.types import Array

TOP_SHARE = 0.2
KERNEL_SIGMA = 0.5
CORNER_REACH = 1
Weighed = tuple[float, Tensor]
"""A weight, and the loss (scalar) or gradient (C x h x w) that counts by it."""


@dataclass(frozen=True)
class TokenMaps:
    """One row's cross-attention maps (pixels x tokens), differentiable, as losses read them.

    With `temperature` > 0 the prompt's words compete in a softmax of that temperature, as equation
    4 reads them; with 0 the probabilities are taken as they are.
    """

    maps: Tensor
    roles: TokenRoles
    temperature: float = 0.0

    def of(self, tokens: Tensor) -> Tensor:
        """The map (S x S) of some tokens (bool, tokens): their mean, smoothed by a 3 x 3 Gaussian."""
        maps = self._precise
        if self.temperature > 0:
            contest = (maps * self.temperature).masked_fill(~self.roles.content, float("-inf"))
            maps = contest.softmax(-1)
        return smooth(_mean_grid(maps, tokens))

    def raw(self, tokens: Tensor) -> Tensor:
        """The probabilities (S x S) of some tokens: their mean, neither contested nor smoothed."""
        return _mean_grid(self._precise, tokens)

    @property
    def _precise(self) -> Tensor:
        return self.maps.to(torch.promote_types(self.maps.dtype, torch.float32))


def _mean_grid(maps: Tensor, tokens: Tensor) -> Tensor:
    size = math.isqrt(maps.shape[0])
    return maps[:, tokens].mean(-1).view(size, size)


def smooth(grid: Tensor) -> Tensor:
    """3 x 3 Gaussian, sigma 0.5 cells, edges mirrored; S x S -> S x S."""
    offsets = torch.tensor([-1.0, 0.0, 1.0], device=grid.device, dtype=grid.dtype)
    line = torch.exp(-(offsets**2) / (2 * KERNEL_SIGMA**2))
    line = line / line.sum()
    kernel = torch.outer(line, line)[None, None]
    padded = F.pad(grid[None, None], (1, 1, 1, 1), mode="reflect")
    return F.conv2d(padded, kernel)[0, 0]


def box_mask(box: Box, size: int, like: Tensor) -> Tensor:
    """1 inside the box and 0 outside, S x S."""
    left, top, right, bottom = box.to_grid(size)
    mask = torch.zeros(size, size, device=like.device, dtype=like.dtype)
    mask[top:bottom, left:right] = 1
    return mask


def top_mean(values: Tensor, cells: int) -> Tensor:
    """Mean of the largest 20% of `cells` values, of at least one."""
    count = max(1, int(TOP_SHARE * cells))
    return values.flatten().topk(count).values.mean()


def inner_loss(grid: Tensor, mask: Tensor) -> Tensor:
    """1 - mean of the top 20% inside the box (equation 4, first term)."""
    return 1 - top_mean(grid * mask, int(mask.sum()))


def outer_loss(grid: Tensor, mask: Tensor) -> Tensor:
    """Mean of the top 20% outside the box; 0 for a box that fills the picture (second term)."""
    outside = int((1 - mask).sum())
    return top_mean(grid * (1 - mask), outside) if outside else grid.sum() * 0


def corner_loss(grid: Tensor, mask: Tensor) -> Tensor:
    """L1 between the projections of map and box on x and y, within a cell of its edges (third term)."""
    return sum((_edge_difference(grid.amax(axis), mask.amax(axis)) for axis in (0, 1)), grid.new_zeros(()))


def _edge_difference(profile: Tensor, target: Tensor) -> Tensor:
    inside = target.nonzero().flatten()
    near = torch.zeros_like(target)
    for edge in (int(inside[0]), int(inside[-1])):
        near[max(0, edge - CORNER_REACH) : edge + CORNER_REACH + 1] = 1
    return ((profile - target).abs() * near).sum() / near.sum()


def box_loss(grid: Tensor, box: Box) -> Tensor:
    """Equation 4: inner + outer + corner on the object's map (S x S)."""
    mask = box_mask(box, grid.shape[-1], grid)
    return inner_loss(grid, mask) + outer_loss(grid, mask) + corner_loss(grid, mask)


def overlap_loss(grid: Tensor, person_mask: npt.NDArray[np.bool_], box: Box) -> Tensor:
    """Share of the object's map (S x S) on the person (mask of any size, H x W) outside the box; 0..1.

    Where the object is wanted in front of the body, it may be there.
    """
    mask = torch.from_numpy(person_mask).to(grid)[None, None]
    on_person = F.adaptive_avg_pool2d(mask, (grid.shape[0], grid.shape[1]))[0, 0]
    elsewhere = on_person * (1 - box_mask(box, grid.shape[-1], grid))
    return (grid * elsewhere).sum() / grid.sum().clamp(min=1e-8)


def hold_loss(grid: Tensor, held: Array) -> Tensor:
    """How far a map (S x S) is from the one it should keep to (S x S), both as distributions; 0..1.

    1 - the Bhattacharyya coefficient: 0 for maps of one shape, 1 for maps that share no cell.
    """
    is_, wanted = (_distribution(one) for one in (grid, torch.from_numpy(held).to(grid)))
    return 1 - (is_ * wanted).sqrt().sum()


def _distribution(grid: Tensor) -> Tensor:
    positive = grid.clamp(min=1e-8)
    return positive / positive.sum()


def presence_loss(subject: Tensor, thing: Tensor, box: Box) -> Tensor:
    """The worse of two: 1 - the subject's peak anywhere, 1 - the object's in its box (S x S each); 0..1."""
    in_box = thing * box_mask(box, thing.shape[-1], thing)
    return torch.stack([1 - subject.amax(), 1 - in_box.amax()]).amax()


def step_size(first: float, step: int, steps: int) -> float:
    """alpha_t of equation 5: `first` * sqrt(linspace(1, 0.5, steps))[step], over all T steps."""
    share = step / (steps - 1) if steps > 1 else 0.0
    return first * math.sqrt(1 - 0.5 * share)


def descend(latents: Tensor, slopes: Sequence[Weighed], alpha: float, rule: GradientRule) -> Tensor:
    """Equation 5: z - alpha * the slopes' sum; normalised, each is first divided by its root mean square.

    So the weights say how far each pulls, however steep it is.
    """
    pulls = [weight * (_normalised(one) if rule == "normalised" else one) for weight, one in slopes]
    return latents - alpha * sum(pulls[1:], pulls[0]).to(latents.dtype) if pulls else latents


def _normalised(gradient: Tensor) -> Tensor:
    steepness = gradient.float().pow(2).mean().sqrt().clamp(min=1e-8)
    return gradient.float() / steepness
