"""Means with 95% confidence intervals.

Pictures are taken as independent. Those of one pair resemble each other, so the intervals hold for these
pairs and are too narrow for pairs at large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95% interval."""

    mean: float
    low: float
    high: float


def share(hits: Sequence[bool]) -> Estimate | None:
    """How often something is so, with Wilson's interval; None without data."""
    if not hits:
        return None
    found = stats.binomtest(sum(hits), len(hits)).proportion_ci(0.95, method="wilson")
    return Estimate(sum(hits) / len(hits), float(found.low), float(found.high))


def mean(values: Sequence[float]) -> Estimate | None:
    """The mean, with the percentile bootstrap's interval (always the same draws); None without data."""
    if not values:
        return None
    middle = float(np.mean(values))
    if len(set(values)) == 1:
        return Estimate(middle, middle, middle)
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=_RESAMPLES, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    return Estimate(middle, float(found.low), float(found.high))
