"""How many replicas draw: those that draw soon are counted on, those that drew lately have set the pace."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

PATIENCE_S = 0.02
"""How long an answer is waited for: who is turned away hears so at once. A later one counts next time."""
LATELY_S = 60.0
"""How far back the average goes: half as far as the runs that a pace is measured from."""


@dataclass(frozen=True)
class Counted:
    """Painters that draw or start, and how many drew lately on average; both at least one."""

    soon: int = 1
    lately: float = 1.0


class Painters:
    """Counts painters, and remembers how many there were."""

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
        while self._seen[0][0] < now - LATELY_S:
            self._seen.popleft()
        lately = sum(count for _, count in self._seen) / len(self._seen)
        return Counted(max(1, drawing + starting), lately)

    async def _hear(self, ask: Callable[[], Awaitable[tuple[int, int]]]) -> None:
        self._known = await ask()
