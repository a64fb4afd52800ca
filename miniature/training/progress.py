"""Time budgets, learning rates and progress lines, the same for every stage."""

from __future__ import annotations

import math
import time
from collections import defaultdict


class Budget:
    """A run of so many minutes; `share` is how much of it is spent, `earlier` seconds count as spent."""

    def __init__(self, minutes: float, earlier: float = 0.0) -> None:
        """Start the clock now."""
        self._seconds = minutes * 60
        self._start = time.monotonic() - earlier

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    @property
    def share(self) -> float:
        """Spent share of the budget, 0..1."""
        return min(1.0, self.spent / self._seconds)


def rate(peak: float, step: int, share: float, *, flat: float = 0.0, warm: int = 60) -> float:
    """Learning rate: linear for `warm` steps, flat up to a share of the budget, then half a cosine to 2%."""
    late = max(0.0, (share - flat) / (1 - flat))
    return peak * min(1.0, (step + 1) / warm) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * late)))


class Means:
    """Running means of named numbers, printed and forgotten every so many steps."""

    def __init__(self, stage: str, every: int) -> None:
        """Name the stage as the lines begin."""
        self._stage, self._every = stage, every
        self._sums: dict[str, float] = defaultdict(float)
        self._samples, self._since = 0, time.monotonic()

    def add(self, step: int, batch: int, budget: Budget, **numbers: float) -> None:
        """Count one step (from 1); prints a line when it is due."""
        self._samples += batch
        for name, number in numbers.items():
            self._sums[name] += number
        if step % self._every:
            return
        now = time.monotonic()
        means = " ".join(f"{name} {total / self._every:.4g}" for name, total in self._sums.items())
        pace = self._samples / (now - self._since)
        print(f"{self._stage} {budget.share:4.0%} step {step} {pace:.0f}/s {means}", flush=True)
        self._sums.clear()
        self._samples, self._since = 0, now
