"""How long the HTTP edge's event loop stands still while a large answer is made.

In this process, over a cast that draws 1024 x 1024 noise at once: what is left is the edge's own work. On a
busy machine a loop is late for want of a processor as well, and an idle one is late too. So what is bounded
is the part of the lateness in which this process computed, and its loop did not wait for a processor.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable
from pathlib import Path

import httpx
import numpy as np

from benchmarks.service.asking import IMAGES, PROMPTS
from benchmarks.service.figures import Figure
from deployments.config import IngressArgs
from deployments.edge.ingress import create_app
from deployments.edge.readiness import Part
from deployments.edge.service import Service
from record.facts import Checkpoint, Facts
from record.geometry import Box
from record.job import Job
from record.story.cast import Cast
from record.types import Candidate, Look, Progress
from runs import open_store

SIZE, MAP = 1024, 64
TICK_S = 0.001
MOST_MS = 50.0
SCHEDULED = Path("/proc/thread-self/schedstat")
"""Linux tells there how long a thread ran, and how long it waited, in nanoseconds."""


class Noise:
    """A diffusion model that draws noise, which no codec makes small."""

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """One candidate; nobody waits for a model."""
        candidate = await asyncio.to_thread(noise, job.seed, keeps_strands=job.stop_after is not None)
        yield candidate


class Anyone:
    """An analyst that sees the same person and object everywhere."""

    async def look(self, candidate: Candidate) -> Look:
        """The same look for every candidate."""
        pose = np.full((33, 3), 0.5, np.float32)
        return Look(pose, Box(0.3, 0.2, 0.6, 0.9), None, Box(0.1, 0.1, 0.3, 0.3))


class Watch:
    """Sleeps and wakes, and keeps how late it woke, and how much of that is due to this process's work.

    That is never more than what all its threads computed meanwhile, on whichever of them the loop waited.
    """

    def __init__(self) -> None:
        self.worst_s = self.own_s = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            due, computed, waited = time.perf_counter() + TICK_S, time.process_time(), _waited_s()
            await asyncio.sleep(TICK_S)
            late = time.perf_counter() - due
            own = min(late - (_waited_s() - waited), time.process_time() - computed)
            self.worst_s, self.own_s = max(self.worst_s, late), max(self.own_s, own)


def _waited_s() -> float:
    """Seconds that this thread was ready and had no processor; 0 where the system does not tell."""
    try:
        return int(SCHEDULED.read_text().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


def noise(seed: int, *, keeps_strands: bool) -> Candidate:
    """A candidate as large as SDXL's."""
    made = np.random.default_rng(seed)
    maps = made.random((3, MAP, MAP), np.float32)
    strands = made.random((1, 4, SIZE // 8, SIZE // 8), np.float32) if keeps_strands else None
    thing, subject, verb = maps
    return Candidate(seed, made.integers(0, 255, (SIZE, SIZE, 3), np.uint8), thing, subject, verb, strands)


async def measure(pictures: int = 4) -> list[Figure]:
    """The longest stall during one traced answer of `pictures` pictures, and of an idle loop as long."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(_service(Path(folder)))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=300) as client,
        ):
            body = {"prompt": PROMPTS[0], "n": pictures, "trace": True}
            start = time.perf_counter()
            busy = await _watched(_answered(client, body))
            idle = await _watched(asyncio.sleep(time.perf_counter() - start))
    what = f"event loop's longest stall, n = {pictures} of {SIZE} pixels"
    return [
        Figure(what, 1000 * busy.own_s, "ms", ("<=", MOST_MS)),
        Figure("the same and what it waited for a processor", 1000 * busy.worst_s, "ms"),
        Figure("the last of an idle loop", 1000 * idle.worst_s, "ms"),
    ]


async def _watched(doing: Awaitable[None]) -> Watch:
    """What was seen of the loop while something was awaited."""
    watch = Watch()
    watching = asyncio.create_task(watch.run())
    try:
        await doing
    finally:
        watching.cancel()
    return watch


async def _answered(client: httpx.AsyncClient, body: dict[str, object]) -> None:
    (await client.post(IMAGES, json=body)).raise_for_status()


def _service(folder: Path) -> Service:
    cast = Cast(Noise(), Anyone(), None)

    async def describe() -> Checkpoint:
        return Checkpoint(SIZE, SIZE, Facts())

    async def parts() -> dict[str, Part]:
        return {}

    store = open_store(f"sqlite:///{folder}/runs.sqlite3", f"{folder}/artefacts")
    return Service(lambda listen: cast, store, IngressArgs(), describe, parts, {})
