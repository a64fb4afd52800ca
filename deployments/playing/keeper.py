"""Sweeps the store: runs that are too old or too many go, and bytes that nobody names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from record.errors import ReCorDError
from runs.retention import Keeping, sweep
from runs.store import Store

PAUSE_S = 600.0

log = logging.getLogger("ray.serve")


async def keep(
    store: Store, keeping: Keeping, pause_s: float = PAUSE_S, *, is_first: Callable[[], bool] = lambda: True
) -> None:
    """Sweep now and then until cancelled; what fails is tried again next time.

    Of many that keep one store only the first need sweep it: `is_first` is asked each time. Two at once do
    no harm.
    """
    while True:
        try:
            if is_first():
                await _sweep(store, keeping)
        except ReCorDError as error:
            log.warning("the store could not be swept: %s", error)
        await asyncio.sleep(pause_s)


async def _sweep(store: Store, keeping: Keeping) -> None:
    swept = await asyncio.to_thread(sweep, store, keeping)
    if swept.runs or swept.artefacts:
        log.info("swept %d runs and %d artefacts", swept.runs, swept.artefacts)
