"""What waits to be drawn, as the edge tells it to whoever starts painters."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from deployments.scaling.told import LADDER_S, work_told
from runs.index import Index

FOREVER = 1e12
"""A moment by which everything is due."""
LATELY_S = 5.0
"""How long a run that was turned away counts: its client comes again."""


class Refused:
    """The row-steps that were turned away lately."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, row_steps: int) -> None:
        """A run of so many row-steps was turned away."""
        self._seen.append((self._clock(), row_steps))
        self._forget()

    def row_steps(self) -> int:
        """Of all of the last `LATELY_S` seconds."""
        self._forget()
        return sum(steps for _, steps in self._seen)

    def _forget(self) -> None:
        while self._seen and self._seen[0][0] < self._clock() - LATELY_S:
            self._seen.popleft()


async def demand(index: Index, drawn: float, refused: float, usual: float) -> dict[str, float]:
    """The figures that the policy takes.

    `drawn` row-steps of the runs played here, `refused` ones of this replica, and one painter's `usual` pace.
    """
    now = time.time()
    *ladder, whole = await asyncio.to_thread(index.due, [*(now + rung for rung in LADDER_S), FOREVER])
    return work_told(whole, ladder, drawn, refused, usual)
