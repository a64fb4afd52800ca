"""How like drawings the pictures are: the Fréchet distance of two crowds of features.

The features are the judge's, 96 numbers a picture, since no Inception network is at hand. The distance is
FID's formula on them: smaller is more alike; it compares rows of one table, and nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import linalg

from benchmarks.quality.cases import Case
from miniature.judge import Judge
from miniature.training.pixels import Bytes
from miniature.world import draw

Features = npt.NDArray[np.float64]


def distance(one: Features, other: Features) -> float:
    """Fréchet distance of two normal crowds, each N x D: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))."""
    apart = np.square(one.mean(0) - other.mean(0)).sum()
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    root = np.real(linalg.sqrtm(first @ second))
    return float(apart + np.trace(first + second - 2 * root))


def drawings(cases: Sequence[Case]) -> Bytes:
    """A drawing of what each case asks for."""
    rng = random.Random("likeness")
    made = [draw(rng, subject=c.subject, verb=c.verb, object=c.thing, kind="interaction") for c in cases]
    return np.stack([one.image for one in made])


def features(judge: Judge, pictures: Bytes) -> Features:
    """The judge's features of uint8 (N, H, H, 3), N x 96."""
    return judge.features(pictures).astype(np.float64)
