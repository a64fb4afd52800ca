"""The gate: how often the judge is right on drawings it has not seen."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from miniature.judge.judge import Judge
from miniature.training.pixels import Bytes
from miniature.world import FREQUENT, RARE, UNSEEN, VERBS, Drawing, draw
from miniature.world.vocabulary import Pair

GATE = 0.97
GROUPS: dict[str, tuple[Pair, ...]] = {
    "frequent": FREQUENT,
    "rare": RARE,
    "unseen": UNSEEN,
    "alone": tuple((verb, "") for verb in VERBS),
}
"""Pairs of verb and object by group; "alone" are actions without an object."""


@dataclass(frozen=True)
class Figures:
    """Shares in 0..1 over `count` pictures; `iou` is the mean over those with an object (0: no box found)."""

    count: int
    verb: float
    object: float
    both: float
    iou: float

    def __str__(self) -> str:
        """The figures in a line."""
        return (
            f"{self.count} pictures: verb {self.verb:.1%}, object {self.object:.1%}, "
            f"both {self.both:.1%}, box IoU {self.iou:.3f}"
        )


def held_out(rounds: int, *, seed: int, group: str | None = None) -> list[Drawing]:
    """Every pair of the world (or of one group) `rounds` times, people and scenes at random."""
    rng = random.Random(f"held out/{seed}")
    pairs = [pair for name, pairs in GROUPS.items() if group in (None, name) for pair in pairs]
    return [draw(rng, verb=v, object=t or None, kind=None if t else "pose") for v, t in pairs * rounds]


def measure(judge: Judge, drawings: list[Drawing], pictures: Bytes | None = None) -> Figures:
    """Judge the drawings, or `pictures` made from them, against the drawings' truth."""
    seen = pictures if pictures is not None else np.stack([drawing.image for drawing in drawings])
    verbs, things, ious = [], [], []
    for verdict, truth in zip(judge.look(seen), drawings, strict=True):
        verbs.append(verdict.verb == truth.verb)
        things.append(verdict.object == truth.object)
        if truth.object_box:
            box = verdict.box(truth.object)
            ious.append(box.iou(truth.object_box) if box else 0.0)
    both = np.logical_and(verbs, things).mean()
    return Figures(
        len(drawings),
        float(np.mean(verbs)),
        float(np.mean(things)),
        float(both),
        float(np.mean(ious)) if ious else 0.0,
    )
