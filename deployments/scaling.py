"""How many painters the work that waits needs: row-steps, when they are due, and how fast they go.

Pure arithmetic: nothing asks the store for it yet, and no profile uses it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_S = 1.0
"""Seconds that work which is due now, or was, is given: not infinitely few."""


@dataclass(frozen=True)
class Due:
    """Work that is outstanding: its row-steps, and seconds until it has to be done."""

    row_steps: int
    within_s: float


def wanted(due: Sequence[Due], pace: float, start_s: float = 0.0) -> int:
    """The fewest painters that end all of it in time, earliest deadline first; 0 for no work.

    `pace` is row-steps a second of one painter, above zero; `start_s` what a new painter takes to begin.
    """
    most, before = 0.0, 0
    for one in sorted(due, key=lambda one: one.within_s):
        before += one.row_steps
        most = max(most, before / (pace * max(LEAST_S, one.within_s - start_s)))
    return math.ceil(most - 1e-9) if before else 0


def within(painters: int, fewest: int, most: int) -> int:
    """So many painters, within the bounds."""
    return max(fewest, min(most, painters))
