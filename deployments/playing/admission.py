"""Whether there is time for a run: its cost and what waits before it, against how fast things are drawn."""

from __future__ import annotations

import asyncio
import math
import time
from bisect import bisect
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from deployments.playing.demand import Refused
from deployments.playing.painters import Painters
from record.errors import OverloadedError
from runs.index import Index
from runs.rows import Done

T = TypeVar("T")

WINDOW_S = 120.0
"""How far back the pace is measured."""
LATEST = 12
"""So many of those that ended in it side by side tell the pace: what comes in changes it."""
KEPT_S = 1.0
"""How long a measured pace is taken as it is."""
ROOM = 1.5
"""What a run may take of what is expected: the slowest of a hundred takes so much of the median. One that
comes too late was drawn for nothing, and those drawn beside it are late together."""


@dataclass(frozen=True, eq=False)
class Place:
    """A run that was admitted and may not be in the index yet."""

    row_steps: int


class Admission:
    """Admits runs by their cost; the pace is that of the runs that ended lately, on all replicas together."""

    def __init__(
        self,
        index: Index,
        usual_pace: float,
        clock: Callable[[], float] = time.time,
        painters: Painters | None = None,
    ) -> None:
        """`usual_pace` (row-steps a second) is a painter's until runs were drawn side by side.

        From then on it is theirs, also while none ends in time: hope would admit what is late as well. While
        painters come and go, what a painter's was before is taken for each that draws or starts.
        """
        self._index, self._usual, self._clock = index, usual_pace, clock
        self._painters = painters or Painters()
        self._pace, self._measured = usual_pace, -KEPT_S
        self._held = set[Place]()
        self._thread = ThreadPoolExecutor(1, "admission")
        self.turned_away, self.refused = 0, Refused()

    async def pace(self) -> float:
        """Row-steps a second."""
        now = self._clock()
        if now - self._measured >= KEPT_S:
            self._measured = now
            done = await self._run(self._index.done, now - WINDOW_S)
            drawn = await self._painters.count(now)
            crowd = lately(crowded(done, drawn.drawing), LATEST * drawn.drawing) if drawn.is_steady else None
            self._usual = crowd / drawn.drawing if crowd else self._usual
            fleet = self._usual * drawn.soon
            self._pace = fleet if crowd else max(pace_of(done) or 0.0, fleet)
        return self._pace

    @asynccontextmanager
    async def admitted(self, row_steps: int, within_s: float) -> AsyncGenerator[None, None]:
        """Hold the place of a run that is to be ready in `within_s` seconds; in the block the index gets it.

        OverloadedError says when to come again. A run needs `ROOM` beyond what is expected; one that nothing
        waits before is always taken.
        """
        place = await self._place(row_steps, within_s)
        try:
            yield
        finally:
            self._held.discard(place)

    async def _place(self, row_steps: int, within_s: float) -> Place:
        before = set(self._held)  # of those who leave while the index is read it may not know yet
        out, pace = await self._run(self._index.outstanding), await self.pace()
        held = before | self._held
        waits = out.row_steps + sum(one.row_steps for one in held)
        expected_s = (waits + row_steps) / pace
        if waits and ROOM * expected_s > within_s:
            self.turned_away += 1
            self.refused.add(row_steps)
            raise OverloadedError(
                f"{out.waiting + out.running + len(held)} runs wait and this one would be ready in about "
                f"{expected_s:.0f} s, too late to be sure of the {within_s:g} s that it may take",
                retry_after_s=expected_s - within_s / ROOM,
            )
        place = Place(row_steps)
        self._held.add(place)
        return place

    async def needed_s(self, away_s: float, at_once: int) -> float:
        """Seconds that must be left for all that was accepted, where each run waits `away_s` in vain as well.

        `at_once` runs wait beside one another.
        """
        out = await self._run(self._index.outstanding)
        turns = math.ceil((out.waiting + out.running) / at_once)
        return ROOM * out.row_steps / await self.pace() + turns * away_s

    async def _run(self, reading: Callable[..., T], *given: float) -> T:
        """Read the index in a thread that writes of artefacts never queue in."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, reading, *given)


def crowded(done: Sequence[Done], painters: float = 1.0) -> list[Done]:
    """Those that others ran beside for half of their time, half as many as there were painters.

    Alone, a run waits for more than for drawing, and few leave most painters idle.
    """
    first = min((one.started for one in done), default=0.0)
    many = 1 + painters / 2
    begun = Clocks([one.started - first for one in done])
    over = Clocks([one.ended - first for one in done])

    def drawn(moment: float) -> float:
        """Seconds of all runs until then, one upon the other."""
        return begun.told(moment - first) - over.told(moment - first)

    return [one for one in done if drawn(one.ended) - drawn(one.started) > many * (one.ended - one.started)]


class Clocks:
    """Clocks that were started at some moments; what all of them tell at another is found by one search."""

    def __init__(self, started: Sequence[float]) -> None:
        self._started = sorted(started)
        self._sums = [0.0, *accumulate(self._started)]

    def told(self, moment: float) -> float:
        """Seconds that all of them together have run at `moment`."""
        count = bisect(self._started, moment)
        return count * moment - self._sums[count]


def lately(done: Sequence[Done], latest: int = LATEST) -> float | None:
    """The pace of the `latest` of them, in the order they ended, since the one before those did."""
    since = done[-latest - 1].ended if len(done) > latest else 0.0
    return pace_of(done[-latest:], since)


def pace_of(done: Sequence[Done], since: float = 0.0) -> float | None:
    """Row-steps a second of runs that overlap in time, by their time from `since` on; None without any."""
    busy_s, last = 0.0, since
    for one in sorted(done, key=lambda one: one.started):
        busy_s += max(0.0, one.ended - max(one.started, last))
        last = max(last, one.ended)
    return sum(one.row_steps for one in done) / busy_s if busy_s > 0 else None
