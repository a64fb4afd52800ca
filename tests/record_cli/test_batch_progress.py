from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Literal

import pytest
from rich.console import Console

from batch.rows import Row
from record_cli.batch_progress import LINE_S, BatchProgress, rate


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def row(status: Literal["finished", "failed"] = "finished") -> Row:
    now = datetime.now(UTC)
    return Row(
        id="0", line=2, prompt="x", settings={}, status=status, seconds=1.0, worker="here:1", attempt=1,
        started=now, ended=now, model="a toy",
    )  # fmt: skip


def test_a_log_has_a_line_now_and_then_with_rate_and_time_left() -> None:
    text, clock = io.StringIO(), Clock()
    console = Console(file=text, force_terminal=False, width=100)
    with BatchProgress(console, "by a toy", 104, 4, clock) as progress:
        for _ in range(9):
            clock.at += LINE_S / 10
            progress.hear(row())
        assert text.getvalue() == ""
        clock.at += LINE_S / 10
        progress.hear(row("failed"))
        assert text.getvalue().splitlines() == ["14 of 104, 20.0/min, 0:04:30 left, 1 failed"]
        clock.at += 1
        progress.hear(row())
    assert len(text.getvalue().splitlines()) <= 2


def test_a_terminal_has_a_bar_with_rate_and_time_left() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=120)
    with BatchProgress(console, "by a toy", 4, 0) as progress:
        for status in ("finished", "failed"):
            progress.hear(row(status))
    shown = text.getvalue()
    assert "by a toy" in shown and "2/4" in shown and "1 failed" in shown and "/s" in shown


@pytest.mark.parametrize(("per_s", "words"), [(12.34, "12.3/s"), (0.5, "30.0/min"), (0.01, "36.0/h")])
def test_a_rate_is_told_in_the_unit_in_which_it_is_at_least_one(per_s: float, words: str) -> None:
    assert rate(per_s) == words
