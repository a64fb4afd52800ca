"""Whether there is time for a run: its cost and what waits before it, against how fast things are drawn."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from deployments.playing.demand import Refused
from deployments.playing.painters import Painters
from record.errors import OverloadedError
from runs.index import Index
from runs.rows import Done, Outstanding

WINDOW_S = 120.0
"""How far back the pace is measured."""
KEPT_S = 1.0
"""How long a measured pace is taken as it is."""
ROOM = 1.5
"""What a run may take of what is expected: the slowest of a hundred takes so much of the median. One that
comes too late was drawn for nothing, and those drawn beside it are late together."""


@dataclass(frozen=True)
class Estimate:
    """Runs before this one, and the seconds until it is likely to be ready."""

    before: int
    seconds: float


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
        self.turned_away, self.refused = 0, Refused()

    async def pace(self) -> float:
        """Row-steps a second."""
        now = self._clock()
        if now - self._measured >= KEPT_S:
            self._measured = now
            done = await asyncio.to_thread(self._index.done, now - WINDOW_S)
            drawn = await self._painters.count(now)
            crowd = pace_of(crowded(done, drawn.drawing)) if drawn.is_steady else None
            self._usual = crowd / drawn.drawing if crowd else self._usual
            fleet = self._usual * drawn.soon
            self._pace = fleet if crowd else max(pace_of(done) or 0.0, fleet)
        return self._pace

    async def estimate(self, row_steps: int) -> Estimate:
        """When a run of so many row-steps would be ready, accepted now."""
        out = await asyncio.to_thread(self._index.outstanding)
        return await self._after(out, row_steps)

    async def admit(self, row_steps: int, within_s: float) -> None:
        """Return if the run is to be ready in `within_s` seconds; OverloadedError says when to come again.

        It needs `ROOM` beyond what is expected; one that nothing waits before is always taken.
        """
        out = await asyncio.to_thread(self._index.outstanding)
        expected = await self._after(out, row_steps)
        if out.row_steps and ROOM * expected.seconds > within_s:
            self.turned_away += 1
            self.refused.add(row_steps)
            raise OverloadedError(
                f"{expected.before} runs wait and this one would be ready in about {expected.seconds:.0f} s, "
                f"too late to be sure of the {within_s:g} s that it may take",
                retry_after_s=expected.seconds - within_s / ROOM,
            )

    async def _after(self, out: Outstanding, row_steps: int) -> Estimate:
        return Estimate(out.waiting + out.running, (out.row_steps + row_steps) / await self.pace())


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


def pace_of(done: Sequence[Done]) -> float | None:
    """Row-steps a second of runs that overlap in time; None without any."""
    busy_s, last = 0.0, 0.0
    for one in sorted(done, key=lambda one: one.started):
        busy_s += max(0.0, one.ended - max(one.started, last))
        last = max(last, one.ended)
    return sum(one.row_steps for one in done) / busy_s if busy_s > 0 else None
