"""How many replicas draw, and how many will soon: those are counted on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

PATIENCE_S = 0.02
"""How long an answer is waited for: who is turned away hears so at once. A later one counts next time."""
STEADY_S = 120.0
"""How long as many have to draw before a pace is theirs: as far back as it is measured."""


@dataclass(frozen=True)
class Counted:
    """Painters that draw, and with those that start: both at least one.

    While they are not steady, what ended lately was drawn by fewer or by more.
    """

    drawing: int = 1
    soon: int = 1
    is_steady: bool = True


class Painters:
    """Counts painters, and remembers whether there were as many all the time."""

    def __init__(self, ask: Callable[[], Awaitable[tuple[int, int]]] | None = None) -> None:
        """`ask` gives those that draw and those that start; without it there is always one."""
        self._ask = ask
        self._asking: asyncio.Task[None] | None = None
        self._known = 1, 0
        self._seen: deque[tuple[float, int]] = deque()

    async def count(self, now: float) -> Counted:
        """At `now`, in seconds of any clock; as last known, where nobody answers in `PATIENCE_S`."""
        if self._ask is not None:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._hear(self._ask))
            await asyncio.wait([self._asking], timeout=PATIENCE_S)
        drawing, starting = self._known
        self._seen.append((now, max(1, drawing)))
        while self._seen[0][0] < now - STEADY_S:
            self._seen.popleft()
        is_steady = len({count for _, count in self._seen}) == 1
        return Counted(max(1, drawing), max(1, drawing + starting), is_steady)

    async def _hear(self, ask: Callable[[], Awaitable[tuple[int, int]]]) -> None:
        self._known = await ask()
