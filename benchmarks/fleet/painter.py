"""A painter that sleeps for as long as its steps would take.

What Ray Serve calls is the real replica; in place of its engine a loop sleeps. A real one is too much here:
importing torch alone takes a processor nine seconds a replica.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deployments.config import DiffusionArgs
from deployments.replicas.diffusion import DiffusionReplica
from deployments.scaling.workload import Workload
from fleet.pace import Pace
from record.facts import Checkpoint, Facts
from record.job import Job
from record.story.cost import work
from record.types import Candidate, Progress

SIZE, MAP = 64, 16
NAME = "stand-in"


def checkpoint_of(pace: Pace, loads_s: float = 0.0) -> str:
    """What stands in a profile in place of a checkpoint: seconds of a step, of each row in it, of loading."""
    return f"{NAME}:{pace.step_s:g}:{pace.row_s:g}:{loads_s:g}"


@dataclass
class Sleeping:
    """A job, the steps that it has taken, when it is due, and what it is told."""

    job: Job
    due: float
    step: int
    news: asyncio.Queue[Progress | Candidate] = field(default_factory=asyncio.Queue)

    def row_steps(self) -> int:
        """What its next step takes."""
        has_box, is_held = self.job.box is not None, self.job.reference.person_box is not None
        return work(self.step, self.job.drawing, box=has_box, person=is_held).row_steps

    def urgency(self) -> tuple[float, int]:
        """The earliest deadline first, of equal ones the one with the fewest steps left, as engines do."""
        return self.due, self.job.last_step - self.step


class SleepingLoop:
    """In place of an `EngineLoop`: shares steps among jobs as an engine does, and sleeps through them."""

    is_healthy = True

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._live: dict[int, Sleeping] = {}
        self._tickets = itertools.count()
        self._task: asyncio.Task[None] | None = None

    async def draw(
        self, job: Job, within_s: float = math.inf, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Progress after every step, then a grey candidate; whoever leaves is out of the next step."""
        ticket, begun = next(self._tickets), 0 if job.resume is None else job.resume.step
        sleeping = self._live[ticket] = Sleeping(job, time.monotonic() + within_s, begun)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            while True:
                part = await sleeping.news.get()
                yield part
                if isinstance(part, Candidate):
                    return
        finally:
            self._live.pop(ticket, None)

    async def _run(self) -> None:
        while self._live:
            batch = dict(sorted(self._live.items(), key=lambda one: one[1].urgency())[: self._pace.slots])
            await asyncio.sleep(self._pace.seconds(sum(one.row_steps() for one in batch.values())))
            for ticket, one in batch.items():
                one.step += 1
                is_over = one.step >= one.job.last_step
                one.news.put_nowait(grey(one.job) if is_over else Progress(one.step, one.job.last_step))
                if is_over:
                    self._live.pop(ticket, None)


class SleepingPainter(DiffusionReplica):
    """The replica that draws, around a loop that sleeps."""

    def __init__(self, args: DiffusionArgs) -> None:
        """`args.checkpoint` as `checkpoint_of` writes it."""
        step_s, row_s, loads_s = map(float, args.checkpoint.split(":")[1:])
        time.sleep(loads_s)
        self._loop: Any = SleepingLoop(Pace(step_s, row_s, args.max_trajectories))
        self._workload = Workload(args.max_trajectories)

    async def describe(self) -> Checkpoint:
        """A small picture, of any words."""
        return Checkpoint(SIZE, SIZE, Facts())


def grey(job: Job) -> Candidate:
    """A candidate that nobody drew; its grey is the seed's."""
    image = np.full((SIZE, SIZE, 3), job.seed % 200, np.uint8)
    thing, subject, verb = np.zeros((3, MAP, MAP), np.float32)
    strands = None if job.stop_after is None else np.zeros((1, 4, 8, 8), np.float32)
    return Candidate(job.seed, image, thing, subject, verb, strands)
