"""Runs from before a start wait until every part was ready once: so nothing is left out of them.

What is accepted later does not: who asks while a part is booting hears within its budget that it is away.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from runs.rows import Spared

log = logging.getLogger("ray.serve")


class Warming:
    """What a player that has just begun leaves waiting, and for how long."""

    def __init__(
        self,
        is_ready: Callable[[], Awaitable[bool]],
        needed_s: Callable[[], Awaitable[float]],
        most_s: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Wait for `is_ready` for `most_s` seconds; `needed_s` tells those that drawing what waits takes."""
        self._is_ready, self._needed_s, self._most_s, self._clock = is_ready, needed_s, most_s, clock
        self._began, self._is_over = clock(), False

    async def spared(self) -> Spared | None:
        """The runs to be left for now; None, and nothing is asked again, once every part was ready.

        A run whose deadline leaves no more than it needs is not spared, and none is after `most_s` seconds:
        they are drawn without what is not there.
        """
        if self._is_over:
            return None
        waited_s = self._clock() - self._began
        if waited_s >= self._most_s:
            log.warning("not every part was ready within %g s: runs go on without", self._most_s)
            self._is_over = True
        elif await self._is_ready():
            self._is_over = True
        if self._is_over:
            return None
        return Spared(self._began, self._clock() + await self._needed_s())
