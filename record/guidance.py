"""Losses on the object's attention map and the latent step that lowers them (paper, section 3.4)."""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from record.geometry import Box

TOP_SHARE = 0.2
KERNEL_SIGMA = 0.5
CORNER_REACH = 1


def object_map(maps: Tensor, object_tokens: Tensor, content_tokens: Tensor, temperature: float) -> Tensor:
    """The object's map (S x S), differentiable, from maps of pixels x tokens.

    With `temperature` > 0 the content tokens (bool, tokens) compete in a softmax of that
    temperature, as equation 4 reads them; with 0 the probabilities are taken as they are. The
    mean over the object's tokens is smoothed by a 3 x 3 Gaussian of sigma 0.5.
    """
    if temperature > 0:
        contest = (maps * temperature).masked_fill(~content_tokens, float("-inf"))
        maps = contest.softmax(-1)
    size = math.isqrt(maps.shape[0])
    return smooth(maps[:, object_tokens].mean(-1).view(size, size))


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


def step_size(first: float, step: int, guided_steps: int) -> float:
    """alpha_t of equation 5: `first` * sqrt(linspace(1, 0.5, guided_steps))[step]."""
    share = step / (guided_steps - 1) if guided_steps > 1 else 0.0
    return first * math.sqrt(1 - 0.5 * share)


def descend(latents: Tensor, gradient: Tensor, alpha: float, rule: Literal["paper", "normalised"]) -> Tensor:
    """Equation 5: z - alpha * grad L, or with the gradient divided by its root mean square."""
    if rule == "normalised":
        steepness = gradient.float().pow(2).mean().sqrt().clamp(min=1e-8)
        gradient = (gradient.float() / steepness).to(latents.dtype)
    return latents - alpha * gradient
