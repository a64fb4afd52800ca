"""Memory of a service's processes over time, and how much each grew."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from benchmarks.service import processes

WARM_UP, WINDOW = 0.25, 0.15
"""Shares of all samples: those left out at first, and those whose median counts at either end."""
MOST_PERCENT = 3.0


@dataclass(frozen=True)
class Sample:
    """A process's resident memory at one time, in seconds from the start."""

    at: float
    kind: str
    pid: int
    mib: float


@dataclass(frozen=True)
class Growth:
    """How much a process grew after it was warm; one that was not there all the time has few samples."""

    kind: str
    pid: int
    samples: int
    first_mib: float
    last_mib: float

    @property
    def percent(self) -> float:
        """Of what it had when it was warm."""
        return 100 * (self.last_mib / self.first_mib - 1)

    @property
    def is_kept(self) -> bool:
        """Whether it is within the limit."""
        return self.percent <= MOST_PERCENT


def look(launcher: int, at: float) -> list[Sample]:
    """The memory of every process below a launcher, now."""
    found = []
    for kind, several in processes.below(launcher).items():
        for process in several:
            with suppress(psutil.Error):
                found.append(Sample(at, kind, process.pid, process.memory_info().rss / 2**20))
    return found


def growth(samples: Iterable[Sample]) -> list[Growth]:
    """Every process's growth, largest process first."""
    series: dict[tuple[str, int], list[float]] = {}
    for one in samples:
        series.setdefault((one.kind, one.pid), []).append(one.mib)
    found = [_grown(kind, pid, values) for (kind, pid), values in series.items()]
    return sorted(found, key=lambda one: -one.last_mib)


def _grown(kind: str, pid: int, values: Sequence[float]) -> Growth:
    warm = values[int(WARM_UP * len(values)) :]
    window = max(1, int(WINDOW * len(values)))
    first, last = statistics.median(warm[:window]), statistics.median(warm[-window:])
    return Growth(kind, pid, len(values), first, last)
