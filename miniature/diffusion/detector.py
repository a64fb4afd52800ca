"""A small network that sees objects and verbs in drawings: the judge of what the model samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from miniature.diffusion.dataset import Bytes, Dataset
from miniature.diffusion.progress import Budget, Means, rate
from miniature.diffusion.vae import to_tensor
from miniature.world import OBJECTS, VERBS
from record.analysis.otsu import largest_region, region_box
from record.geometry import Box

_BATCH = 32
_NO_VERB = len(VERBS)


def _layer(inner: int, outer: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inner, outer, 3, stride, dilation, dilation=dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outer), nn.ReLU())


class Detector(nn.Module):
    """Pictures (B, 3, 128, 128) to object logits (B, 11, 16, 16; 0 is none) and verb logits (B, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _layer(3, 16, 2), _layer(16, 32, 2), _layer(32, 64, 2), _layer(64, 96), _layer(96, 96, dilation=2)
        )
        self.objects = nn.Conv2d(96, len(OBJECTS) + 1, 1)
        self.verbs = nn.Sequential(
            _layer(96, 96, 2),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Dropout(0.2),
            nn.Linear(96 * 16, _NO_VERB + 1),
        )

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Object and verb logits."""
        features = self.body(pictures)
        return self.objects(features), self.verbs(features)


def _targets(data: Dataset, rows: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Class of every cell (0 none, 1 + object) and class of the verb."""
    truths = [data.truths[row] for row in rows]
    things = torch.tensor([OBJECTS.index(t.object) + 1 if t.object else 0 for t in truths])
    covered = torch.from_numpy(data.masks[rows, 0] > 110)
    verbs = torch.tensor([VERBS.index(t.verb) if t.verb else _NO_VERB for t in truths])
    return torch.where(covered, things[:, None, None], 0), verbs


def train(data: Dataset, path: Path, minutes: float, *, seed: int = 5) -> None:
    """Train on noisy and blurred drawings, all but the last 1,000, and save the weights to `path`."""
    torch.manual_seed(seed)
    model, rng = Detector(), np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-3)
    weights = torch.tensor([0.3] + [1.0] * len(OBJECTS))
    budget, means, step = Budget(minutes), Means("detector", 100), 0
    while budget.share < 1:
        rows = sorted(rng.integers(len(data) - 1000, size=_BATCH).tolist())
        pictures = to_tensor(data.pictures[rows])
        if rng.random() < 0.5:
            pictures = F.avg_pool2d(pictures, 3, 1, 1)
        pictures = pictures + 0.1 * rng.random() * torch.randn_like(pictures)
        cells, verbs = _targets(data, rows)
        seen, done = model(pictures)
        loss = 3 * F.cross_entropy(seen, cells, weight=weights) + 0.5 * F.cross_entropy(done, verbs)
        for group in optimizer.param_groups:
            group["lr"] = rate(3e-3, step, budget.share)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        means.add(
            step, _BATCH, budget, loss=loss.item(), verb=float((done.argmax(1) == verbs).float().mean())
        )
    torch.save(model.state_dict(), path)


class Judge:
    """Looks for a known object and names the verb."""

    def __init__(self, path: Path) -> None:
        """Load weights that `train` saved."""
        self._model = Detector()
        self._model.load_state_dict(torch.load(path, weights_only=True))
        self._model.eval()

    @torch.no_grad()
    def look(self, pictures: Bytes, things: list[str]) -> tuple[list[Box | None], list[str]]:
        """The box of each named object, or None, and each picture's verb ("" for none)."""
        seen, done = self._model(to_tensor(pictures))
        chances = seen.softmax(1)
        boxes = [_box(chances[i, OBJECTS.index(thing) + 1].numpy()) for i, thing in enumerate(things)]
        return boxes, [(*VERBS, "")[index] for index in done.argmax(1).tolist()]


def _box(chance: np.ndarray) -> Box | None:
    """Box of the largest region of cells that are likely the object; None below two cells."""
    region = largest_region(chance > 0.5)
    return region_box(region) if region.sum() > 1 else None
