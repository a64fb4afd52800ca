"""The network: one trunk, a class for the whole picture's verb and object, and a class for every cell."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from miniature.world import OBJECTS, VERBS

SIDE = 128
"""Pixels along an edge of what the network sees."""
GRID = 64
NO_VERB, NO_OBJECT = len(VERBS), len(OBJECTS)


class Logits(NamedTuple):
    """`verbs` (B, 11) and `objects` (B, 11), the last is none; `cells` (B, 11, 64, 64) object or none."""

    verbs: torch.Tensor
    objects: torch.Tensor
    cells: torch.Tensor


def _layer(inner: int, outer: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inner, outer, 3, stride, dilation, dilation=dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outer), nn.ReLU())


class Network(nn.Module):
    """Pictures (B, 3, 128, 128) in -1..1 to `Logits`; 0.32 M parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.fine, self.middle = _layer(3, 16, 2), _layer(16, 32, 2)
        self.coarse = nn.Sequential(_layer(32, 64, 2), _layer(64, 64))
        self.summary = nn.Sequential(_layer(64, 96, 2), _layer(96, 96), _layer(96, 96, dilation=2))
        self.verb = nn.Sequential(
            nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.2), nn.Linear(96 * 16, NO_VERB + 1)
        )
        self.object = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(96, NO_OBJECT + 1))
        self.to_coarse, self.to_middle, self.to_fine = (
            nn.Conv2d(inner, outer, 1) for inner, outer in ((96, 64), (64, 32), (32, 16))
        )
        self.merge_middle, self.merge_fine = _layer(32, 32), _layer(16, 16)
        self.cell = nn.Conv2d(16, NO_OBJECT + 1, 1)

    def summarise(self, pictures: torch.Tensor) -> torch.Tensor:
        """The coarsest features, (B, 96, 8, 8)."""
        summary: torch.Tensor = self.summary(self.coarse(self.middle(self.fine(pictures))))
        return summary

    def forward(self, pictures: torch.Tensor) -> Logits:
        """Logits of verb, object and cells."""
        fine = self.fine(pictures)
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        summary = self.summary(coarse)
        coarse = coarse + _doubled(self.to_coarse(summary))
        middle = self.merge_middle(middle + _doubled(self.to_middle(coarse)))
        fine = self.merge_fine(fine + _doubled(self.to_fine(middle)))
        return Logits(self.verb(summary), self.object(summary), self.cell(fine))


def _doubled(features: torch.Tensor) -> torch.Tensor:
    return F.interpolate(features, scale_factor=2.0)
