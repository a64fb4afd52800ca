from __future__ import annotations

from deployments.playing.warming import Warming
from runs.rows import Spared


class Parts:
    """Ready when they are told to be; counts who asks."""

    def __init__(self) -> None:
        self.now, self.asked, self.are_ready = 1000.0, 0, False

    async def __call__(self) -> bool:
        self.asked += 1
        return self.are_ready

    def clock(self) -> float:
        return self.now


async def needed() -> float:
    return 30.0


async def test_runs_from_before_the_start_are_left_unless_their_deadline_is_near() -> None:
    parts = Parts()
    warming = Warming(parts, needed, 120, parts.clock)
    parts.now += 10
    assert await warming.spared() == Spared(accepted_before=1000, due_after=1040)


async def test_once_all_was_ready_nobody_waits_or_is_asked_again() -> None:
    parts = Parts()
    warming = Warming(parts, needed, 120, parts.clock)
    await warming.spared()
    parts.are_ready = True
    assert await warming.spared() is None
    parts.are_ready, parts.now = False, parts.now + 1
    assert await warming.spared() is None and parts.asked == 2


async def test_a_part_that_never_comes_is_waited_for_so_long_and_no_longer() -> None:
    parts = Parts()
    warming = Warming(parts, needed, 120, parts.clock)
    parts.now += 119
    assert await warming.spared() is not None
    parts.now += 1
    assert await warming.spared() is None
    parts.now -= 100
    assert await warming.spared() is None


async def test_without_a_time_to_wait_nobody_waits() -> None:
    parts = Parts()
    assert await Warming(parts, needed, 0, parts.clock).spared() is None and parts.asked == 0
