"""One asyncio task that owns an engine and steps it in the torch thread, so that callers only await."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from record import torch_thread
from record.engine.engine import Engine, Finished
from record.errors import TrajectoryError
from record.job import Job
from record.types import Candidate, Progress

T = TypeVar("T")


class EngineLoop:
    """Many coroutines draw with one engine; each gets its own progress, result or error.

    A caller that goes away takes its job out of the batch at the next step. `is_healthy` turns False
    when a step raised outside any trajectory: every waiting caller is then told.
    """

    def __init__(self, engine: Engine, threads: int | None = None) -> None:
        """With `threads` torch uses as many for the engine's mathematics (None: as many as where it runs)."""
        self._engine, self._threads = engine, threads
        self._waiting: dict[int, asyncio.Queue[Progress | Candidate | TrajectoryError]] = {}
        self._task: asyncio.Task[None] | None = None
        self.is_healthy = True

    async def draw(self, job: Job, within_s: float = math.inf) -> AsyncGenerator[Progress | Candidate, None]:
        """Run a job that is due in `within_s` seconds: progress after every step, then the candidate.

        Raises the job's InputError or OverloadedError at once, and TrajectoryError when it fails.
        """
        ticket = await self._add(job, within_s)
        news: asyncio.Queue[Progress | Candidate | TrajectoryError] = asyncio.Queue()
        self._waiting[ticket] = news
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            while True:
                part = await news.get()
                if isinstance(part, TrajectoryError):
                    raise part
                yield part
                if isinstance(part, Candidate):
                    return
        finally:
            self._waiting.pop(ticket, None)
            self._submit(partial(self._engine.cancel, ticket))

    async def submit(self, job: Job, within_s: float = math.inf) -> Candidate:
        """The same without progress."""
        async for part in self.draw(job, within_s):
            if isinstance(part, Candidate):
                return part
        raise AssertionError("unreachable: a job ends with a candidate or an error")

    async def _add(self, job: Job, within_s: float) -> int:
        adding = asyncio.wrap_future(self._submit(partial(self._engine.add, job, within_s)))
        try:
            return await asyncio.shield(adding)
        except asyncio.CancelledError:
            adding.add_done_callback(self._forget)
            raise

    async def _run(self) -> None:
        try:
            while self._waiting:
                ended, progress = await asyncio.wrap_future(self._submit(self._step))
                for ticket, part in progress.items():
                    self._tell(ticket, part)
                for finished in ended:
                    self._tell(finished.ticket, finished.result)
        except Exception as error:
            self.is_healthy = False
            for ticket in list(self._waiting):
                self._tell(ticket, TrajectoryError(f"the engine stopped: {error!r}"))
        finally:
            self._submit(torch_thread.release_team)

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        return torch_thread.submit(work, self._threads)

    def _step(self) -> tuple[list[Finished], dict[int, Progress]]:
        ended = self._engine.step()
        return ended, {ticket: Progress(*steps) for ticket, steps in self._engine.progress().items()}

    def _tell(self, ticket: int, part: Progress | Candidate | TrajectoryError) -> None:
        if ticket in self._waiting:
            self._waiting[ticket].put_nowait(part)

    def _forget(self, adding: asyncio.Future[int]) -> None:
        if not adding.cancelled() and adding.exception() is None:
            self._submit(partial(self._engine.cancel, adding.result()))
