"""Training on drawings, a part of them softened by the diffusion model's autoencoder."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from miniature.judge.judge import Judge
from miniature.judge.model import NO_OBJECT, Logits, Network
from miniature.judge.samples import Numbers, Samples
from miniature.training.augment import damage
from miniature.training.pixels import to_tensor
from miniature.training.progress import Budget, Means, rate

_BATCH = 32
_CELL_WEIGHT = 3.0
_NONE_WEIGHT = 0.3


def train(data: Samples, softened: int, minutes: float, *, seed: int) -> Judge:
    """Train for so many minutes; the first `softened` samples fill a third of every batch.

    All pictures are blurred, tinted and made noisy at random.
    """
    torch.manual_seed(seed)
    network, rng = Network(), np.random.default_rng(seed)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-3)
    budget, means, step = Budget(minutes), Means("judge", 100), 0
    while budget.share < 1:
        rows = np.concatenate(
            [rng.integers(softened, size=_BATCH // 3), rng.integers(len(data), size=_BATCH - _BATCH // 3)]
        )
        logits = network(damage(to_tensor(data.pictures[rows])))
        loss = judge_loss(logits, data, rows)
        for group in optimizer.param_groups:
            group["lr"] = rate(3e-3, step, budget.share, flat=0.2)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        right = (logits.verbs.argmax(1).numpy() == data.verbs[rows]) & (
            logits.objects.argmax(1).numpy() == data.objects[rows]
        )
        means.add(step, _BATCH, budget, loss=loss.item(), right=float(right.mean()))
    return Judge(network)


def judge_loss(logits: Logits, data: Samples, rows: Numbers) -> torch.Tensor:
    """Cross-entropies of verb, object and cells of the rows of `data` that `logits` are about."""
    weights = torch.ones(NO_OBJECT + 1)
    weights[NO_OBJECT] = _NONE_WEIGHT
    cells = torch.from_numpy(data.cells[rows]).long()
    return (
        F.cross_entropy(logits.verbs, torch.from_numpy(data.verbs[rows]))
        + F.cross_entropy(logits.objects, torch.from_numpy(data.objects[rows]))
        + _CELL_WEIGHT * F.cross_entropy(logits.cells, cells, weight=weights)
    )
