"""Asks for what arrives when it arrives, and looks at the fleet meanwhile."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from benchmarks.fleet.cluster import APP
from benchmarks.fleet.load import Arrival
from benchmarks.service.asking import AGAIN, IMAGES, Asker

LOOK_S = 0.5
LATE_S = 20.0
"""How much longer than it is wanted a picture is waited for."""


@dataclass(frozen=True)
class Answered:
    """What became of a request: seconds to its picture, the last status, and how often it was refused."""

    arrival: Arrival
    seconds: float
    status: int
    refused: int
    is_degraded: bool

    @property
    def is_in_time(self) -> bool:
        """Whether the picture came when it was wanted."""
        return self.status == 200 and self.seconds <= self.arrival.kind.within_s


@dataclass(frozen=True)
class Seen:
    """The fleet at a moment (seconds from the start): painters that run and that are wanted, and GPUs held.

    `row_steps` are those of what was accepted and has not ended.
    """

    at: float
    running: int
    wanted: int
    gpus: float
    row_steps: float = 0.0


@dataclass(frozen=True)
class Played:
    """Everything that was answered and seen."""

    answers: list[Answered]
    seen: list[Seen]

    def gpu_seconds(self) -> float:
        """GPUs held over time, starting and stopping replicas included."""
        pairs = zip(self.seen, self.seen[1:], strict=False)
        return sum((after.at - before.at) * before.gpus for before, after in pairs)


async def play(address: str, arrivals: Sequence[Arrival], rest_s: float = 0.0) -> Played:
    """Play a load to its end, and look on for `rest_s` seconds after that."""
    start, seen = time.monotonic(), list[Seen]()
    async with Asker(address) as asker:
        looking = asyncio.create_task(_look(asker, start, seen))
        answers = await asyncio.gather(
            *(_ask(asker, number, one, start) for number, one in enumerate(arrivals))
        )
        await asyncio.sleep(rest_s)
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
    return Played(list(answers), seen)


async def _ask(asker: Asker, number: int, arrival: Arrival, start: float) -> Answered:
    """Ask until there is a picture, or it is far too late for one."""
    await asyncio.sleep(max(0.0, start + arrival.at - time.monotonic()))
    begun, refused, key = time.monotonic(), 0, secrets.token_hex(8)
    while True:
        left_s = arrival.kind.within_s - (time.monotonic() - begun)
        within = {"x_request_timeout_seconds": f"{max(1.0, left_s):.1f}", "idempotency_key": key}
        answer = await asker.post(IMAGES, arrival.kind.body(number), **within)
        seconds = time.monotonic() - begun
        if answer.status not in AGAIN or seconds > arrival.kind.within_s + LATE_S:
            run = answer.json()["data"][0]["run"] if answer.status == 200 else {}
            return Answered(arrival, seconds, answer.status, refused, bool(run.get("degraded")))
        refused += 1
        await asyncio.sleep(min(5.0, answer.retry_after_s or 1.0))


async def _look(asker: Asker, start: float, seen: list[Seen]) -> None:
    while True:
        fleet = await asyncio.to_thread(_now, start)
        told = (await asker.get("/v1/status")).json()
        seen.append(replace(fleet, row_steps=told.get("row_steps", 0.0)))
        await asyncio.sleep(LOOK_S)


def _now(start: float) -> Seen:
    import ray
    from ray import serve

    states = serve.status().applications[APP].deployments["Diffusion"].replica_states
    counts = {str(getattr(state, "value", state)): count for state, count in states.items()}
    running, starting = counts.get("RUNNING", 0), counts.get("STARTING", 0)
    held = ray.cluster_resources().get("GPU", 0.0) - ray.available_resources().get("GPU", 0.0)
    return Seen(time.monotonic() - start, running, running + starting, held)
