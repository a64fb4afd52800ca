"""Latency and throughput under Poisson arrivals: joining at every step against whole batches.

Requests are single pictures of several methods with 10 to 40 steps, all due in the same time, so that the
oldest goes first. Batching whole requests is what a server does around a pipeline's call: a batch begins
when the one before has ended, and its pictures are handed out together (what Orca, OSDI 2022, calls
request-level scheduling). Such a call has one method and one number of steps; a second row lets unlike
requests into a batch all the same, which only this engine can. All ways run on the same engine.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

from record.backbone import Backbone
from record.engine.engine import Engine, Finished
from record.errors import TrajectoryError
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Settings

MOST = 8
"""Pictures in one batch, for every way."""
WITHIN_S = 600.0
LOADS = (0.5, 0.7, 0.9)
BOX = Box(0.55, 0.6, 0.8, 0.85)


@dataclass(frozen=True)
class Arrival:
    """A job, and when it comes, in seconds from the start."""

    at: float
    job: Job


@dataclass(frozen=True)
class Way:
    """How requests meet: whether they `join` at every step, and whether unlike ones share a batch."""

    name: str
    joins: bool
    mixes: bool

    def admitted(self, waiting: Sequence[Arrival]) -> list[Arrival]:
        """Which of those that wait go in now, oldest first."""
        if self.joins:
            return list(waiting)
        return [a for a in waiting if self.mixes or _kind(a) == _kind(waiting[0])][:MOST]


WAYS = (
    Way("whole, alike", joins=False, mixes=False),
    Way("whole, unlike", joins=False, mixes=True),
    Way("step", joins=True, mixes=True),
)
STEP = WAYS[-1]


class Server:
    """One way of serving, on a clock of its own that only its own steps advance.

    Servers take turns, so that a noisy machine is noisy for all, and nothing waits for requests to come.
    """

    def __init__(self, backbone: Backbone, way: Way, coming: Sequence[Arrival]) -> None:
        self.clock = 0.0
        self.latencies: list[float] = []
        self._engine = Engine(backbone, MOST, max_waiting=len(coming))
        self._way, self._coming, self._waiting = way, list(coming), list[Arrival]()
        self._inside: dict[int, float] = {}
        self._ended: list[int] = []

    @property
    def is_done(self) -> bool:
        """True once every request is answered."""
        return not (self._coming or self._waiting or len(self._engine))

    def turn(self) -> None:
        """Let in who has come, and take one step."""
        if not self._waiting and not len(self._engine):
            self.clock = max(self.clock, self._coming[0].at)
        self._waiting += [arrival for arrival in self._coming if arrival.at <= self.clock]
        self._coming = [arrival for arrival in self._coming if arrival.at > self.clock]
        if self._waiting and (self._way.joins or not len(self._engine)):
            self._let_in(self._way.admitted(self._waiting))
        began = time.perf_counter()
        self._ended += [_ticket(finished) for finished in self._engine.step()]
        self.clock += time.perf_counter() - began
        if self._way.joins or not len(self._engine):
            self.latencies += [self.clock - self._inside[ticket] for ticket in self._ended]
            self._ended = []

    def _let_in(self, entering: Sequence[Arrival]) -> None:
        self._waiting = [arrival for arrival in self._waiting if arrival not in entering]
        for arrival in entering:
            self._inside[self._engine.add(arrival.job, WITHIN_S)] = arrival.at


def jobs(backbone: Backbone, count: int, seed: int = 7) -> list[Job]:
    """Unlike requests, the same for every load."""
    rng = random.Random(seed)
    verbs = ("kicking a ball", "holding a book", "lifting a box", "sitting on a chair")
    made = []
    for number in range(count):
        changes = {"method": rng.choice(("plain", "record", "boxdiff")), "steps": rng.choice((10, 20, 40))}
        drawing = Settings.build(changes, backbone.facts.defaults).drawing()
        box = None if drawing.method == "plain" else BOX
        made.append(Job(parse(f"a woman is {rng.choice(verbs)}"), number, drawing, box))
    return made


def capacity(backbone: Backbone, asked: Sequence[Job]) -> float:
    """Requests a second with the queue always full."""
    (full,) = serve(backbone, [Arrival(0.0, job) for job in asked], [STEP])
    return len(asked) / full.clock


def arrivals(asked: Sequence[Job], rate: float, seed: int = 11) -> list[Arrival]:
    """The same jobs with exponential pauses, `rate` a second on average."""
    rng, at = random.Random(seed), 0.0
    made = []
    for job in asked:
        at += rng.expovariate(rate)
        made.append(Arrival(at, job))
    return made


def serve(backbone: Backbone, coming: Sequence[Arrival], ways: Sequence[Way] = WAYS) -> list[Server]:
    """Serve the same requests in every way; the one that is furthest behind takes the next step."""
    servers = [Server(backbone, way, coming) for way in ways]
    while running := [server for server in servers if not server.is_done]:
        min(running, key=lambda server: server.clock).turn()
    return servers


def table(backbone: Backbone, count: int) -> Table:
    """Every way at every load, and how the engine's mean latency compares with each."""
    asked = jobs(backbone, count)
    capacity(backbone, asked[:MOST])  # warms up
    most = capacity(backbone, asked)
    title = f"{count} unlike requests, Poisson arrivals, capacity {most:.2f} a second, {backbone.dtype}"
    result = Table("load", "batching", "mean s", "p95 s", "requests/s", "step / this one, mean", title=title)
    for load in LOADS:
        servers = serve(backbone, arrivals(asked, load * most))
        least = statistics.mean(servers[-1].latencies)
        for way, server in zip(WAYS, servers, strict=True):
            mean, p95 = statistics.mean(server.latencies), statistics.quantiles(server.latencies, n=20)[-1]
            figures = (mean, p95, count / server.clock, least / mean)
            result.add_row(f"{load:.0%}", way.name, *(f"{figure:.2f}" for figure in figures))
        result.add_section()
    return result


def _kind(arrival: Arrival) -> tuple[str, int]:
    return arrival.job.drawing.method, arrival.job.drawing.steps


def _ticket(finished: Finished) -> int:
    if isinstance(finished.result, TrajectoryError):
        raise finished.result
    return finished.ticket
