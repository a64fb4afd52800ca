"""One caller of an engine, and how often it is told something."""

from __future__ import annotations

import asyncio
import math

from record.errors import EngineStoppedError, TrajectoryError
from record.types import Candidate, Progress

PROGRESS_PAUSE_S = 0.2
"""Least time between two reports of progress."""
PREVIEW_PAUSE_S = 0.5
"""Least time between two that have a preview."""
Part = Progress | Candidate | TrajectoryError | EngineStoppedError


class Listener:
    """Keeps what its caller is told until the caller takes it; progress that comes too often is dropped."""

    def __init__(self, *, previews: bool) -> None:
        """With `previews` the caller wants to see them."""
        self._previews = previews
        self._news: asyncio.Queue[Part] = asyncio.Queue()
        self._step = 0
        self._told = self._shown = -math.inf

    async def next(self) -> Progress | Candidate:
        """What comes next; an error is raised."""
        part = await self._news.get()
        if isinstance(part, TrajectoryError | EngineStoppedError):
            raise part
        return part

    def wants_preview(self, now: float) -> bool:
        """Whether progress told at `now` or later (seconds of any clock) may have a preview."""
        is_due = now - self._told >= PROGRESS_PAUSE_S and now - self._shown >= PREVIEW_PAUSE_S
        return self._previews and is_due

    def tell(self, part: Part, now: float) -> None:
        """Tell the caller, unless it is progress that tells nothing new or comes too soon."""
        if isinstance(part, Progress):
            if part.step == self._step or now - self._told < PROGRESS_PAUSE_S:
                return
            self._step, self._told = part.step, now
            self._shown = self._shown if part.preview is None else now
        self._news.put_nowait(part)
