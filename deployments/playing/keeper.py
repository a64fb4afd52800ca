"""Sweeps the store: runs that are too old or too many go, and bytes that nobody names."""

from __future__ import annotations

import asyncio
import logging

from record.errors import ReCorDError
from runs.retention import Keeping, sweep
from runs.store import Store

PAUSE_S = 600.0

log = logging.getLogger("ray.serve")


async def keep(store: Store, keeping: Keeping, pause_s: float = PAUSE_S) -> None:
    """Sweep now and then until cancelled; what fails is tried again next time."""
    while True:
        try:
            swept = await asyncio.to_thread(sweep, store, keeping)
            if swept.runs or swept.artefacts:
                log.info("swept %d runs and %d artefacts", swept.runs, swept.artefacts)
        except ReCorDError as error:
            log.warning("the store could not be swept: %s", error)
        await asyncio.sleep(pause_s)
