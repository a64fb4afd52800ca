"""Requests that pass stations whose replicas share their steps: a queueing simulation, event by event."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fleet.pace import Pace

ENDED = 1e-6
"""Steps that are left of a job that has ended: what rounding leaves."""


@dataclass(frozen=True)
class Phase:
    """Jobs of a request that go to one station at once, each of `steps` steps of `rows` rows."""

    station: str
    jobs: int
    steps: float
    rows: float = 1.0


@dataclass(frozen=True)
class Station:
    """So many replicas of one pace, before one queue: first come, first served by the least busy."""

    replicas: int
    pace: Pace


@dataclass(frozen=True)
class Outcome:
    """Seconds of every request from arrival to end, and the share of time that replicas worked."""

    seconds: NDArray[np.float64]
    busy: dict[str, float]

    def mean(self) -> float:
        """Of the requests' seconds."""
        return float(self.seconds.mean())

    def p95(self) -> float:
        """Of the requests' seconds."""
        return float(np.quantile(self.seconds, 0.95))


@dataclass
class _Job:
    request: int
    left: float
    rows: float


@dataclass
class _Replica:
    pace: Pace
    running: list[_Job] = field(default_factory=list)
    since: float = 0.0
    version: int = 0
    busy_s: float = 0.0

    def advance(self, now: float) -> list[_Job]:
        """Let the jobs have their steps until `now`; those that ended."""
        gone, self.since = now - self.since, now
        if not self.running:
            return []
        self.busy_s += gone
        steps = gone / self.pace.seconds(sum(job.rows for job in self.running))
        for job in self.running:
            job.left -= steps
        ended = [job for job in self.running if job.left <= ENDED]
        self.running = [job for job in self.running if job.left > ENDED]
        return ended

    def ends(self) -> float:
        """When the next job ends if none joins."""
        step = self.pace.seconds(sum(job.rows for job in self.running))
        return self.since + step * min(job.left for job in self.running)


def simulate(
    arrivals: Sequence[float], phases: Sequence[Sequence[Phase]], stations: dict[str, Station]
) -> Outcome:
    """Play requests arriving at these seconds, each through its phases; the first tenth is not counted."""
    return _Play(arrivals, phases, stations).played()


class _Play:
    def __init__(
        self, arrivals: Sequence[float], phases: Sequence[Sequence[Phase]], stations: dict[str, Station]
    ) -> None:
        self.arrivals, self.phases = arrivals, phases
        self.replicas = {
            name: [_Replica(one.pace) for _ in range(one.replicas)] for name, one in stations.items()
        }
        self.queues: dict[str, deque[_Job]] = {name: deque() for name in stations}
        self.events: list[tuple[float, int, str, int, int]] = [
            (at, i, "", i, 0) for i, at in enumerate(arrivals)
        ]
        heapq.heapify(self.events)
        self.count = len(arrivals)
        self.phase, self.open = [-1] * len(arrivals), [0] * len(arrivals)
        self.ended = np.zeros(len(arrivals))

    def played(self) -> Outcome:
        now = 0.0
        while self.events:
            now, _, station, index, version = heapq.heappop(self.events)
            if not station:
                self._next(index, now)
            elif self.replicas[station][index].version == version:
                self._ended(station, index, now)
        seconds = self.ended - np.asarray(self.arrivals)
        busy = {
            name: float(np.mean([one.busy_s for one in replicas])) / now if now else 0.0
            for name, replicas in self.replicas.items()
        }
        return Outcome(seconds[len(seconds) // 10 :], busy)

    def _next(self, request: int, now: float) -> None:
        self.phase[request] += 1
        if self.phase[request] == len(self.phases[request]):
            self.ended[request] = now
            return
        phase = self.phases[request][self.phase[request]]
        self.open[request] = phase.jobs
        self.queues[phase.station].extend(_Job(request, phase.steps, phase.rows) for _ in range(phase.jobs))
        self._fill(phase.station, now)

    def _ended(self, station: str, index: int, now: float) -> None:
        replica = self.replicas[station][index]
        ended = replica.advance(now)
        self._schedule(station, index)
        self._fill(station, now)
        for job in ended:
            self.open[job.request] -= 1
            if not self.open[job.request]:
                self._next(job.request, now)

    def _fill(self, station: str, now: float) -> None:
        """Give waiting jobs to the least busy replicas that have a slot."""
        queue, replicas = self.queues[station], self.replicas[station]
        while queue:
            index = min(range(len(replicas)), key=lambda i: len(replicas[i].running))
            replica = replicas[index]
            if len(replica.running) >= replica.pace.slots:
                return
            late = replica.advance(now)
            replica.running += [*late, queue.popleft()]  # one that ended just now is taken out by its event
            self._schedule(station, index)

    def _schedule(self, station: str, index: int) -> None:
        replica = self.replicas[station][index]
        replica.version += 1
        if replica.running:
            self.count += 1
            heapq.heappush(
                self.events, (max(replica.since, replica.ends()), self.count, station, index, replica.version)
            )
