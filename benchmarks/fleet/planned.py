"""What the planner's simulation says of a load, and what the cluster does with the same arrivals.

python -m benchmarks.fleet.planned            (about three minutes)
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.fleet.cluster import Scaling, fleet
from benchmarks.fleet.load import PACE, Arrival, Kind, Spell, arrivals, patient
from benchmarks.fleet.load import STEPS as USUAL_STEPS
from benchmarks.fleet.play import play
from benchmarks.fleet.standin import ASK_S, LOOK_S
from benchmarks.machine import machine
from fleet.pace import Pace
from fleet.simulate import Outcome, Station, simulate
from fleet.story import ASK, DRAW, LOOK

PAINTERS, NODES = 4, 2
STEPS, BUSY, SECONDS = 20, 0.7, 120.0
"""Of a request, of the painters, of arrivals. What the edge takes beside them is not simulated: long ones."""
MANY = 10**6


@dataclass(frozen=True)
class Compared:
    """A figure as simulated and as measured, in seconds."""

    name: str
    simulated: float
    measured: float

    @property
    def off(self) -> float:
        """How far the simulation is from what was measured, in shares of that."""
        return self.simulated / self.measured - 1


def load_of(seconds: float = SECONDS) -> list[Arrival]:
    """Patient requests of `STEPS` steps that keep the painters `BUSY`."""
    spell = Spell(seconds, BUSY * PAINTERS * USUAL_STEPS / STEPS)
    return [replace(one, kind=_long(one.kind)) for one in patient(arrivals((spell,)))]


def _long(kind: Kind) -> Kind:
    return replace(kind, asked=(*kind.asked, ("steps", STEPS)))


def simulated(load: Sequence[Arrival]) -> Outcome:
    """By the planner's simulation, with the stand-ins' times."""
    stations = {
        DRAW: Station(PAINTERS, PACE),
        ASK: Station(1, Pace(ASK_S, 0.0, MANY)),
        LOOK: Station(1, Pace(LOOK_S, 0.0, MANY)),
    }
    return simulate([one.at for one in load], [one.kind.phases() for one in load], stations)


def compared(load: Sequence[Arrival], seconds: Sequence[float]) -> list[Compared]:
    """Mean and p95 of both; the first tenth counts in neither."""
    found, later = simulated(load), np.asarray(seconds)[len(seconds) // 10 :]
    return [
        Compared("mean", found.mean(), float(later.mean())),
        Compared("p95", found.p95(), float(np.quantile(later, 0.95))),
    ]


def main() -> None:
    """Print both."""
    load = load_of()
    with tempfile.TemporaryDirectory() as folder, fleet(Path(folder), nodes=NODES) as cluster:
        cluster.deploy(Scaling(PAINTERS, PAINTERS))
        played = asyncio.run(play(cluster.address, load))
        Console(width=110).print(table(load, [one.seconds for one in played.answers]))


def table(load: Sequence[Arrival], seconds: Sequence[float]) -> Table:
    """What was simulated, and what was measured."""
    title = f"{len(load)} requests, {PAINTERS} painters; {machine()}, {time.strftime('%F')}"
    shown = Table("", "simulated", "measured", "off by", title=title)
    for one in compared(load, seconds):
        shown.add_row(one.name, f"{one.simulated:.1f} s", f"{one.measured:.1f} s", f"{one.off:+.0%}")
    return shown


if __name__ == "__main__":
    main()
