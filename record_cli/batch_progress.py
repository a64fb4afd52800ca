"""How far a batch is, how fast it goes and how long it still takes: a bar, or lines where no terminal is."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from batch.rows import Row

WINDOW_S = 600.0
"""The rate is that of so many seconds: pictures may take minutes each."""
LINE_S = 30.0
"""Between two lines of a log."""


class BatchProgress:
    """Hears of rows, and shows their number, rate and the time left. To be used as a context manager."""

    def __init__(
        self,
        console: Console,
        title: str,
        total: int,
        done: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`done` of `total` prompts have rows from before."""
        self.counts = Counter[str]()
        self._console, self._now = console, now
        self._total, self._done = total, done
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=console, speed_estimate_period=WINDOW_S)
        self._task = self._bar.add_task(title, total=total, completed=done, note="")
        self._said = now()
        self._first: float | None = None

    def hear(self, row: Row) -> None:
        """A prompt has its row."""
        self.counts[row.status] += 1
        self._first = self._now() if self._first is None else self._first
        failed = self.counts["failed"]
        self._bar.update(self._task, advance=1, note=f"{failed} failed," if failed else "")
        if not self._console.is_terminal and self._now() - self._said >= LINE_S:
            self._said = self._now()
            self._console.print(self.line, highlight=False)

    @property
    def line(self) -> str:
        """The same in words."""
        heard = self.counts.total()
        done = self._done + heard
        words = [f"{done} of {self._total}"]
        seconds = 0.0 if self._first is None else self._now() - self._first
        if heard > 1 and seconds > 0:  # what came before the first row was loading as well
            per_s = (heard - 1) / seconds
            left = timedelta(seconds=round((self._total - done) / per_s))
            words += [rate(per_s), f"{left} left"]
        if self.counts["failed"]:
            words.append(f"{self.counts['failed']} failed")
        return ", ".join(words)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


def rate(per_s: float) -> str:
    """Pictures a second, a minute or an hour: the first of them that is at least one."""
    for seconds, unit in ((1, "s"), (60, "min")):
        if per_s * seconds >= 1:
            return f"{per_s * seconds:.1f}/{unit}"
    return f"{per_s * 3600:.1f}/h"


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(rate(task.speed) if task.speed else "")
