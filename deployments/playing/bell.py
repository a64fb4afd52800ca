"""Tells whoever waits in this process that there is news of a run."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from weakref import WeakValueDictionary


class Bell:
    """Rung for a run by one, heard by all who wait for news of it at that moment."""

    def __init__(self) -> None:
        self._waited_for = WeakValueDictionary[str, asyncio.Event]()

    def ring(self, run: str) -> None:
        """Wake all who wait for news of the run."""
        event = self._waited_for.pop(run, None)
        if event is not None:
            event.set()

    async def wait(self, run: str, timeout_s: float) -> None:
        """Return when it rings for the run, and after `timeout_s` seconds at the latest."""
        event = self._waited_for.setdefault(run, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await event.wait()
