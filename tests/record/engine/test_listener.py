from __future__ import annotations

import asyncio

import numpy as np
import pytest

from record.engine.listener import Listener
from record.errors import EngineStoppedError, TrajectoryError
from record.types import Candidate, Progress

PREVIEW = np.zeros((2, 2, 3), np.uint8)
CANDIDATE = Candidate(1, PREVIEW)


async def told(listener: Listener, count: int) -> list[Progress | Candidate]:
    """What the next calls of `next` give."""
    return [await asyncio.wait_for(listener.next(), 5) for _ in range(count)]


async def test_at_most_five_reports_a_second_and_always_the_end() -> None:
    listener = Listener(previews=False)
    for number in range(100):  # a second, in steps of 10 ms
        listener.tell(Progress(number + 1, 101), number / 100)
    listener.tell(CANDIDATE, 1.0)
    heard = await told(listener, 6)
    assert heard[0] == Progress(1, 101) and heard[-1] is CANDIDATE


async def test_who_waits_for_a_place_is_told_nothing() -> None:
    listener = Listener(previews=False)
    for now in (0, 1, 2):
        listener.tell(Progress(0, 5), now)
    listener.tell(Progress(1, 5), 3)
    listener.tell(Progress(1, 5), 4)
    listener.tell(Progress(2, 5), 5)
    assert await told(listener, 2) == [Progress(1, 5), Progress(2, 5)]


@pytest.mark.parametrize(("previews", "shown"), [(True, 4), (False, 0)])
async def test_at_most_two_previews_a_second_and_only_for_those_who_want_them(
    previews: bool, shown: int
) -> None:
    listener = Listener(previews=previews)
    for number in range(8):  # two seconds
        now = number / 4
        wants = listener.wants_preview(now)
        listener.tell(Progress(number + 1, 9, PREVIEW if wants else None), now)
    heard = await told(listener, 8)
    assert sum(isinstance(one, Progress) and one.preview is not None for one in heard) == shown


@pytest.mark.parametrize("error", [TrajectoryError("not a number"), EngineStoppedError("lost")])
async def test_errors_are_raised(error: TrajectoryError | EngineStoppedError) -> None:
    listener = Listener(previews=False)
    listener.tell(error, 0.0)
    with pytest.raises(type(error)):
        await listener.next()
