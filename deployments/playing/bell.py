"""Tells whoever waits in this process that there is news of a run."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Bell:
    """Rung by one, heard by all who wait at that moment."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake all who wait."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, timeout_s: float) -> None:
        """Return when it rings, and after `timeout_s` seconds at the latest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
