"""A request as phases at stations: what the story draws, asks and looks at, in that order."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.pace import Pace
from fleet.simulate import Phase
from record.settings import Settings
from record.story.cost import plan as drawn
from record.story.cost import trajectory
from record.traits import traits_of

DRAW, ASK, LOOK = "draw", "ask", "look"


@dataclass(frozen=True)
class Beside:
    """The stations beside the painters: one call of the language model, one look at a picture."""

    ask: Pace = Pace(1.5, 0.0, 16)  # an 8B model, five pictures, a short JSON answer: assumed
    look: Pace = Pace(0.05, 0.0, 1)  # one picture on one core: docs/performance.md


def phases_of(settings: Settings) -> tuple[Phase, ...]:
    """What one picture passes; guided descents count as the rows that they cost."""
    traits, drawing, steps = traits_of(settings.method), settings.drawing(), settings.steps
    planned = drawn(settings, traits)
    if not traits.proposes:
        return (Phase(DRAW, 1, steps, planned.row_steps / steps),)
    early = min(settings.candidate_steps or steps, steps)
    proposed = trajectory(drawing, stop=early)
    found = [Phase(DRAW, planned.candidates, early, proposed / early), Phase(ASK, 1, 1), Phase(LOOK, 1, 1)]
    if planned.corrections:
        found += [Phase(ASK, 1, 1)]
    last = planned.row_steps // planned.stories - planned.candidates * proposed
    if last:
        found += [Phase(DRAW, 1, steps, last / steps)]
    return tuple(found) * planned.stories


def row_steps_of(phases: tuple[Phase, ...]) -> float:
    """Row-steps that are drawn."""
    return sum(one.jobs * one.steps * one.rows for one in phases if one.station == DRAW)
