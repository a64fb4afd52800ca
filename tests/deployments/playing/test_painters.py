from __future__ import annotations

from deployments.playing.painters import Counted, Painters


async def test_without_anybody_to_ask_there_is_one() -> None:
    assert await Painters().count(0) == Counted(1, 1)


async def test_those_that_start_draw_soon_and_set_no_pace() -> None:
    answers = iter([(0, 2), (2, 1), (4, 0)])

    async def ask() -> tuple[int, int]:
        return next(answers)

    painters = Painters(ask)
    assert await painters.count(0) == Counted(2, 1)
    assert await painters.count(30) == Counted(3, 1.5)
    assert await painters.count(90) == Counted(4, 3)
