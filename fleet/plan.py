"""How many replicas a rate of requests takes within a deadline: by the work first, then by simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fleet.pace import Pace
from fleet.simulate import Outcome, Phase, Station, simulate
from fleet.story import ASK, DRAW, LOOK, Beside, row_steps_of

MOST_BUSY = 0.85
"""Share of a station's capacity that is planned with; the rest is for bursts and a replica that is lost."""
CELLS = range(16, 33)
"""Painters that are simulated at the most: a larger fleet is many such cells, a little worse than it is."""
REQUESTS = 800
GROWTH = 1.15


@dataclass(frozen=True)
class Fleet:
    """A painter's pace and share of a card, the stations beside it, and cards of one language model."""

    draw: Pace
    beside: Beside
    num_gpus: float = 1.0
    cards_an_engine: int = 1


@dataclass(frozen=True)
class Answer:
    """Replicas of each station, cards, seconds of requests, and the share of capacity that is used."""

    replicas: dict[str, int]
    gpus: int
    mean_s: float
    p95_s: float
    alone_s: float
    used: dict[str, float]
    row_steps: float
    is_met: bool

    def gpu_hours_per_thousand(self, rate: float) -> float:
        """GPU-hours for 1000 requests at this rate."""
        return self.gpus / rate * 1000 / 3600


def plan(rate: float, deadline_s: float, phases: tuple[Phase, ...], fleet: Fleet, seed: int = 0) -> Answer:
    """The least fleet found that ends 95% of requests by the deadline.

    `rate` is requests a second, Poisson. Where no fleet that was tried does, as where a request alone takes
    longer than the deadline, `is_met` is false, and the fleet is what the work takes.
    """
    paces = {DRAW: fleet.draw, ASK: fleet.beside.ask, LOOK: fleet.beside.look}
    offered = {name: rate * _seconds(name, paces[name], phases) for name in paces}
    replicas = {name: max(1, math.ceil(load / MOST_BUSY)) for name, load in offered.items()}
    roomy = {name: Station(phases[0].jobs, pace) for name, pace in paces.items()}
    alone_s = simulate([0.0], [phases], roomy).mean()
    least = replicas, _simulated(rate, phases, paces, replicas, REQUESTS, seed)
    replicas, found = _grown(least, rate, deadline_s, phases, paces, seed) if alone_s <= deadline_s else least
    return Answer(
        replicas=replicas,
        gpus=math.ceil(replicas[DRAW] * fleet.num_gpus) + replicas[ASK] * fleet.cards_an_engine,
        mean_s=found.mean(),
        p95_s=found.p95(),
        alone_s=alone_s,
        used={name: offered[name] / replicas[name] for name in paces},
        row_steps=row_steps_of(phases),
        is_met=found.p95() <= deadline_s,
    )


def _grown(
    least: tuple[dict[str, int], Outcome],
    rate: float,
    deadline_s: float,
    phases: tuple[Phase, ...],
    paces: dict[str, Pace],
    seed: int,
) -> tuple[dict[str, int], Outcome]:
    """The first of ever larger fleets that is in time; the least where three times as many are not."""
    replicas, found = least
    while found.p95() > deadline_s:
        replicas = {name: math.ceil(count * GROWTH) for name, count in replicas.items()}
        if replicas[DRAW] > 3 * least[0][DRAW] + 8:
            return least
        found = _simulated(rate, phases, paces, replicas, REQUESTS, seed)
    return replicas, found


def _seconds(name: str, pace: Pace, phases: tuple[Phase, ...]) -> float:
    """Replica-seconds of a request at a station whose replicas are full."""
    return sum(
        one.jobs * one.steps * pace.seconds(one.rows * pace.slots) / pace.slots
        for one in phases
        if one.station == name
    )


def _simulated(
    rate: float,
    phases: tuple[Phase, ...],
    paces: dict[str, Pace],
    replicas: dict[str, int],
    requests: int,
    seed: int,
) -> Outcome:
    share = _cell(replicas)
    stations = {name: Station(max(1, round(replicas[name] * share)), paces[name]) for name in paces}
    gaps = np.random.default_rng(seed).exponential(1 / (rate * share), requests)
    return simulate(list(np.cumsum(gaps)), [phases] * requests, stations)


def _cell(replicas: dict[str, int]) -> float:
    """The part of a fleet that is simulated: where its stations' replicas are nearest to whole numbers."""
    if replicas[DRAW] <= CELLS[0]:
        return 1.0
    shares = [min(1.0, count / replicas[DRAW]) for count in CELLS]
    return min(shares, key=lambda share: max(_rounded(count * share) for count in replicas.values()))


def _rounded(count: float) -> float:
    """By what share a count of replicas is off, once it is a whole one."""
    return abs(max(1, round(count)) / count - 1)
