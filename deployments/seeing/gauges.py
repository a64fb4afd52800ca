"""Says every few seconds what waits, how fast it is drawn, and how much is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import get_args

from deployments.seeing.figures import PACE, ROW_STEPS, RUNS, STORE_BYTES
from runs.errors import StoreError
from runs.index import Index
from runs.rows import Status

EVERY_S = 10.0
"""Ray's own port tells nothing newer than that either."""

log = logging.getLogger("ray.serve")


async def keep_saying(index: Index, pace: Callable[[], Awaitable[float]]) -> None:
    """Until cancelled; `pace` is in row-steps a second. While the store is away nothing new is said."""
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await say(index, await pace())
        except StoreError as error:
            log.warning("the store does not say what waits: %s", error)


async def say(index: Index, pace: float) -> None:
    """Once."""
    out = await asyncio.to_thread(index.outstanding)
    tally = await asyncio.to_thread(index.tally)
    ROW_STEPS.set(out.row_steps)
    PACE.set(pace)
    for status in get_args(Status):
        RUNS.set(tally.get(status, 0), status=status)
    STORE_BYTES.set(await asyncio.to_thread(index.size))
