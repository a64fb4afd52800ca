"""One asyncio task that owns an engine and steps it in the torch thread, so that callers only await."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import TypeVar

from record import torch_thread
from record.engine.engine import Engine, Finished
from record.engine.listener import Listener
from record.errors import EngineStoppedError
from record.job import Job
from record.types import Candidate, Progress

T = TypeVar("T")


class EngineLoop:
    """Many coroutines draw with one engine; each gets its own progress, result or error.

    A caller that goes away takes its job out of the batch at the next step. `is_healthy` turns False
    when a step raised outside any trajectory or hangs: every waiting caller is told, and later ones are.
    """

    def __init__(
        self,
        engine: Engine,
        threads: int | None = None,
        *,
        hang_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """With `threads` torch uses as many for the engine's mathematics (None: as many as where it runs).

        A step that takes longer than `hang_s` seconds is taken for one that never ends (None: none is).
        """
        self._engine, self._threads, self._hang_s, self._clock = engine, threads, hang_s, clock
        self._waiting: dict[int, Listener] = {}
        self._task: asyncio.Task[None] | None = None
        self._stopped: EngineStoppedError | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether jobs can still be drawn."""
        return self._stopped is None

    async def draw(
        self, job: Job, within_s: float = math.inf, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Run a job that is due in `within_s` seconds: progress now and then, then the candidate.

        With `previews` some progress has one. Raises the job's InputError or OverloadedError at once,
        TrajectoryError when it fails, and EngineStoppedError when the engine does.
        """
        ticket = await self._add(job, within_s)
        listener = self._waiting[ticket] = Listener(previews=previews)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            while True:
                part = await listener.next()
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
        if self._stopped is not None:
            raise EngineStoppedError(str(self._stopped))
        adding = asyncio.wrap_future(self._submit(partial(self._engine.add, job, within_s)))
        try:
            return await self._in_time(asyncio.shield(adding))
        except (asyncio.CancelledError, EngineStoppedError):
            adding.add_done_callback(self._forget)
            raise

    async def _run(self) -> None:
        try:
            while self._waiting:
                self._tell(*await self._in_time(asyncio.wrap_future(self._submit(self._step))))
        except Exception as error:
            self._stop(error)
        except asyncio.CancelledError as error:  # where the event loop ends while nobody waits, all is well
            if self._waiting:
                self._stop(error)
            raise
        finally:
            self._submit(torch_thread.release_team)

    async def _in_time(self, work: asyncio.Future[T]) -> T:
        """What the torch thread makes of `work`; whatever takes too long there will never end."""
        try:
            return await asyncio.wait_for(work, self._hang_s)
        except TimeoutError:
            stopped = EngineStoppedError(f"a step has taken more than {self._hang_s:g} s: it hangs")
            self._stop(stopped)
            raise stopped from None

    def _stop(self, error: BaseException) -> None:
        """Nothing is drawn any more: tell all who wait."""
        if self._stopped is None:
            reason = str(error) if isinstance(error, EngineStoppedError) else f"the engine stopped: {error!r}"
            self._stopped = EngineStoppedError(reason)
        for listener in self._waiting.values():
            listener.tell(EngineStoppedError(str(self._stopped)), self._clock())

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        return torch_thread.submit(work, self._threads)

    def _step(self) -> tuple[list[Finished], dict[int, Progress]]:
        """A step, and how far all jobs are after it; with previews for those who are due one by now."""
        ended, now = self._engine.step(), self._clock()
        waiting = list(self._waiting.items())  # this is the torch thread: others may come meanwhile
        previews = {ticket: self._engine.preview(ticket) for ticket, one in waiting if one.wants_preview(now)}
        taken = self._engine.progress().items()
        return ended, {ticket: replace(one, preview=previews.get(ticket)) for ticket, one in taken}

    def _tell(self, ended: list[Finished], progress: dict[int, Progress]) -> None:
        now = self._clock()
        for ticket, part in progress.items():
            if ticket in self._waiting:
                self._waiting[ticket].tell(part, now)
        for one in ended:  # whose caller wakes later: until then nothing may be stepped for it
            if one.ticket in self._waiting:
                self._waiting.pop(one.ticket).tell(one.result, now)

    def _forget(self, adding: asyncio.Future[int]) -> None:
        if not adding.cancelled() and adding.exception() is None:
            self._submit(partial(self._engine.cancel, adding.result()))
