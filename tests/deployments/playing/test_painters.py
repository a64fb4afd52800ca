from __future__ import annotations

import asyncio

import pytest

from deployments.playing import painters as module
from deployments.playing.painters import STEADY_S, Counted, Painters


async def test_without_anybody_to_ask_there_is_always_one() -> None:
    assert await Painters().count(0) == Counted(drawing=1, soon=1, is_steady=True)


async def test_those_that_start_draw_soon_and_after_a_while_they_are_steady() -> None:
    answers = iter([(0, 2), (2, 1), (3, 0), (3, 0)])

    async def ask() -> tuple[int, int]:
        return next(answers)

    painters = Painters(ask)
    assert await painters.count(0) == Counted(1, 2, is_steady=True)
    assert await painters.count(30) == Counted(2, 3, is_steady=False)
    assert await painters.count(90) == Counted(3, 3, is_steady=False)
    assert await painters.count(90 + STEADY_S) == Counted(3, 3, is_steady=True)


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
