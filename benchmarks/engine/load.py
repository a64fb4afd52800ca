"""Latency and throughput under Poisson arrivals: joining at every step against whole batches.

Requests are single pictures of several methods with 10 to 40 steps. Both ways run on the same engine: the
first adds a request as soon as it comes, the second waits until the batch before is finished, as servers
do that batch whole requests.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from record.backbone import Backbone
from record.engine import Engine
from record.errors import TrajectoryError
from record.geometry import Box
from record.job import Job
from record.prompt import parse
from record.settings import Settings

MOST = 8
"""Pictures in one batch, for both ways."""
LOADS = (0.5, 0.7, 0.9)
BOX = Box(0.55, 0.6, 0.8, 0.85)


@dataclass(frozen=True)
class Arrival:
    """A job, and when it comes, in seconds from the start."""

    at: float
    job: Job


@dataclass(frozen=True)
class Served:
    """Seconds from coming to going of every request, and from the first coming to the last going."""

    latencies: tuple[float, ...]
    seconds: float


def jobs(backbone: Backbone, count: int, seed: int = 7) -> list[Job]:
    """Unlike requests, the same for every load."""
    rng = random.Random(seed)
    verbs = ("kicking a ball", "holding a book", "lifting a box", "sitting on a chair")
    made = []
    for number in range(count):
        changes = {"method": rng.choice(("plain", "record", "boxdiff")), "steps": rng.choice((10, 20, 40))}
        settings = Settings.build(changes, backbone.facts.defaults)
        box = None if settings.method == "plain" else BOX
        made.append(Job(parse(f"a woman is {rng.choice(verbs)}"), number, settings, box))
    return made


def capacity(backbone: Backbone, asked: Sequence[Job]) -> float:
    """Requests a second with the queue always full."""
    served = serve(backbone, [Arrival(0.0, job) for job in asked], joins=True)
    return len(asked) / served.seconds


def arrivals(asked: Sequence[Job], rate: float, seed: int = 11) -> list[Arrival]:
    """The same jobs with exponential pauses, `rate` a second on average."""
    rng, at = random.Random(seed), 0.0
    made = []
    for job in asked:
        at += rng.expovariate(rate)
        made.append(Arrival(at, job))
    return made


def serve(backbone: Backbone, coming: Sequence[Arrival], *, joins: bool) -> Served:
    """Serve all in real time; with `joins` at every step, else batch by batch."""
    engine, waiting, began = Engine(backbone, MOST), list(coming), time.perf_counter()
    came: dict[int, float] = {}
    latencies: list[float] = []
    while waiting or len(engine):
        now = time.perf_counter() - began
        if not len(engine) and waiting and waiting[0].at > now:
            time.sleep(waiting[0].at - now)
            continue
        if joins or not len(engine):
            while waiting and waiting[0].at <= now and (joins or len(engine) < MOST):
                arrival = waiting.pop(0)
                came[engine.add(arrival.job)] = arrival.at
        for finished in engine.step():
            if isinstance(finished.result, TrajectoryError):
                raise finished.result
            latencies.append(time.perf_counter() - began - came[finished.ticket])
    return Served(tuple(latencies), time.perf_counter() - began - coming[0].at)


def table(backbone: Backbone, count: int) -> Table:
    """Both ways at every load, and the ratio of their mean latencies."""
    asked = jobs(backbone, count)
    most = capacity(backbone, asked)
    title = f"{count} unlike requests, Poisson arrivals, capacity {most:.2f} a second"
    result = Table("load", "batching", "mean s", "p95 s", "requests/s", "mean, step / request", title=title)
    for load in LOADS:
        coming = arrivals(asked, load * most)
        whole, stepped = (serve(backbone, coming, joins=joins) for joins in (False, True))
        ratio = statistics.mean(stepped.latencies) / statistics.mean(whole.latencies)
        result.add_row(f"{load:.0%}", "request", *_figures(whole), "")
        result.add_row("", "step", *_figures(stepped), f"{ratio:.2f}")
    return result


def _figures(served: Served) -> list[str]:
    p95 = statistics.quantiles(served.latencies, n=20)[-1]
    mean, rate = statistics.mean(served.latencies), len(served.latencies) / served.seconds
    return [f"{mean:.2f}", f"{p95:.2f}", f"{rate:.2f}"]
