"""Casts that take their time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator

import numpy as np

from record.job import Job
from record.types import NO_PICTURE, Candidate, Progress


class Endless:
    """A diffusion part that steps until it is stopped, and counts how often it began and was stopped."""

    def __init__(self) -> None:
        self.begun, self.stopped, self.has_begun = 0, 0, threading.Event()

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Steps with a small grey preview, for ever."""
        self.begun += 1
        self.has_begun.set()
        try:
            for step in range(1, 10**6):
                yield Progress(step, 10**6, np.zeros((4, 4, 3), np.uint8))
                await asyncio.sleep(0.01)
        finally:
            self.stopped += 1
        yield Candidate(job.seed, NO_PICTURE)
