"""One asyncio task that owns an engine and steps it in a thread, so that callers only await."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from record.engine import Engine, Finished, Job
from record.errors import TrajectoryError
from record.types import Candidate


class EngineLoop:
    """Many coroutines submit jobs to one engine; each gets its own result or its own error.

    A cancelled `submit` leaves the batch at the next step. `is_healthy` turns False when a step
    raised outside any trajectory: every waiting caller is then told.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self._waiting: dict[int, asyncio.Future[Candidate]] = {}
        self._task: asyncio.Task[None] | None = None
        self.is_healthy = True

    async def submit(self, job: Job) -> Candidate:
        """Run a job to its end; raises its InputError at once, TrajectoryError when it fails."""
        loop = asyncio.get_running_loop()
        adding = loop.run_in_executor(self._thread, self._engine.add, job)
        try:
            ticket: int = await asyncio.shield(adding)
        except asyncio.CancelledError:
            adding.add_done_callback(self._forget)
            raise
        future: asyncio.Future[Candidate] = loop.create_future()
        self._waiting[ticket] = future
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            return await future
        finally:
            self._waiting.pop(ticket, None)
            self._thread.submit(self._engine.cancel, ticket)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                for finished in await loop.run_in_executor(self._thread, self._engine.step):
                    self._settle(finished)
        except Exception as error:
            self.is_healthy = False
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(TrajectoryError(f"the engine stopped: {error!r}"))

    def _forget(self, adding: asyncio.Future[int]) -> None:
        if not adding.cancelled() and adding.exception() is None:
            self._thread.submit(self._engine.cancel, adding.result())

    def _settle(self, finished: Finished) -> None:
        future = self._waiting.get(finished.ticket)
        if future is None or future.done():
            return
        if isinstance(finished.result, TrajectoryError):
            future.set_exception(finished.result)
        else:
            future.set_result(finished.result)
