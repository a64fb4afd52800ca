"""What is asked of the fleet: two kinds of requests whose costs differ tenfold, in bursts drawn by a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fleet.pace import Pace
from fleet.simulate import Phase
from fleet.story import phases_of, row_steps_of
from record.settings import Settings
from record.types import Json

PACE = Pace(0.1, 0.05, 5)
"""Of every painter: a tenth of a full step is launching, as `fleet.sizing` fills a card."""
STEPS = 10
SETTINGS: Json = {"steps": STEPS, "guided_share": 0.0, "look_again": False, "refinements": 0}
PROMPT = "a woman is kicking a ball"


@dataclass(frozen=True)
class Kind:
    """A kind of request: what is asked beside the prompt, and in how many seconds it is wanted."""

    name: str
    asked: tuple[tuple[str, object], ...]
    within_s: float

    def body(self, number: int) -> Json:
        """The body of the `number`th request."""
        return {"prompt": PROMPT, "seed": 100 * number, "store": False, **SETTINGS, **dict(self.asked)}

    def phases(self) -> tuple[Phase, ...]:
        """What it passes, as the planner sees it."""
        return phases_of(Settings.build({**SETTINGS, **dict(self.asked)}))

    def row_steps(self) -> float:
        """What is drawn of it."""
        return row_steps_of(self.phases())


PLAIN = Kind("plain", (("method", "plain"),), 60.0)
RECORD = Kind("record", (("method", "record"), ("candidates", 5)), 120.0)
DEAR = 0.25
"""Share of the dear kind among requests."""


PATIENT_S = 300.0


@dataclass(frozen=True)
class Arrival:
    """A request and when it is asked, in seconds from the start."""

    at: float
    kind: Kind


@dataclass(frozen=True)
class Spell:
    """So many seconds in which the work of `painters` full painters arrives, by chance."""

    seconds: float
    painters: float


BURSTS = (Spell(15, 0.5), Spell(50, 6), Spell(35, 1), Spell(45, 4), Spell(25, 0.5))


def patient(load: Sequence[Arrival]) -> list[Arrival]:
    """The same requests, none of which is in a hurry: all are admitted."""
    return [replace(one, kind=replace(one.kind, within_s=PATIENT_S)) for one in load]


def pace() -> float:
    """Row-steps a second of a painter whose places are all taken, by the mean rows of what is asked."""
    return PACE.row_steps_per_s(_mean(PLAIN) * (1 - DEAR) + _mean(RECORD) * DEAR)


def arrivals(spells: Sequence[Spell], seed: int = 0) -> list[Arrival]:
    """Poisson arrivals of both kinds, at rates that bring each spell's work."""
    chance = np.random.default_rng(seed)
    cost = PLAIN.row_steps() * (1 - DEAR) + RECORD.row_steps() * DEAR
    found, start = [], 0.0
    for spell in spells:
        count = chance.poisson(spell.seconds * spell.painters * pace() / cost)
        for at in np.sort(chance.uniform(start, start + spell.seconds, count)):
            found.append(Arrival(float(at), RECORD if chance.random() < DEAR else PLAIN))
        start += spell.seconds
    return found


def _mean(kind: Kind) -> float:
    """Rows of a painter's step of one of its jobs, on average."""
    drawn = [one for one in kind.phases() if one.station == "draw"]
    return kind.row_steps() / sum(one.jobs * one.steps for one in drawn)
