from __future__ import annotations

import asyncio

import pytest

from deployments.playing import painters as module
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


async def test_while_nobody_answers_what_was_known_last_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    asked, answers = 0, asyncio.Event()

    async def ask() -> tuple[int, int]:
        nonlocal asked
        asked += 1
        await answers.wait()
        return 4, 0

    painters = Painters(ask)
    assert [(await painters.count(at)).soon for at in (0, 1)] == [1, 1]
    assert asked == 1
    answers.set()
    assert (await painters.count(2)).soon == 4
