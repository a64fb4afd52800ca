"""Takes runs in: those that are there already or can be ready in time, and none whose caller has left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from deployments.playing.admission import Admission
from runs.errors import StoreError
from runs.index import Index
from runs.rows import NewRun, RunRow

log = logging.getLogger("ray.serve")


class Desk:
    """Writes what is admitted into the index."""

    def __init__(self, index: Index, admission: Admission, stop: Callable[[str], None]) -> None:
        """`stop` ends a run that is played in this process."""
        self._index, self._admission, self._stop = index, admission, stop
        self._undoing = set[asyncio.Task[None]]()

    async def take(self, new: NewRun, within_s: float) -> tuple[RunRow, bool]:
        """The run's row, and whether it is new: a repeat of an idempotency key joins the first.

        OverloadedError where a new one would not be ready in `within_s` seconds.
        """
        is_known = new.idempotency_key is not None
        if is_known and await asyncio.to_thread(self._index.earlier, new) is not None:
            return await self._write(new)
        async with self._admission.admitted(new.row_steps, within_s):
            return await self._write(new)

    async def _write(self, new: NewRun) -> tuple[RunRow, bool]:
        """Write it; where the caller leaves meanwhile nothing stays of a new run.

        Nobody knows its name, so it would be drawn for nobody; a repeat of its key draws anew.
        """
        writing = asyncio.create_task(asyncio.to_thread(self._index.accept, new))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            undoing = asyncio.create_task(self._undo(writing))
            self._undoing.add(undoing)
            undoing.add_done_callback(self._undoing.discard)
            raise

    async def _undo(self, writing: asyncio.Task[tuple[RunRow, bool]]) -> None:
        try:
            row, is_new = await writing
            if is_new:
                await asyncio.to_thread(self._index.cancel, row.id)
                self._stop(row.id)
                await asyncio.to_thread(self._index.delete, row.id)
        except StoreError as error:
            log.warning("a run whose caller has left could not be taken back: %s", error)
