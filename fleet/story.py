"""A request as phases at stations: what the story draws, asks and looks at, in that order."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.pace import Pace
from fleet.simulate import Phase
from record.settings import Settings
from record.story.cost import Plan, trajectory
from record.story.cost import plan as drawn
from record.traits import traits_of

DRAW, ASK, LOOK = "draw", "ask", "look"


@dataclass(frozen=True)
class Beside:
    """The stations beside the painters: one call of the language model, one look at a picture."""

    ask: Pace = Pace(1.5, 0.0, 16)  # an 8B model, five pictures, a short JSON answer: assumed
    look: Pace = Pace(0.05, 0.0, 1)  # one picture on one core: docs/performance.md


def phases_of(settings: Settings) -> tuple[Phase, ...]:
    """What one picture passes, where all goes well: in the order of `record.story`.

    Guided descents count as the rows that they cost. Pictures are judged where `look_again` says so.
    """
    traits, steps = traits_of(settings.method), settings.steps
    planned = drawn(settings, traits)
    if traits.proposes:
        return _proposed(settings, planned) * planned.stories
    if not traits.needs_box:
        return (Phase(DRAW, 1, steps, planned.row_steps / steps),)
    drafted = trajectory(settings.drawing().model_copy(update={"method": "plain"}))
    placed = planned.row_steps - drafted
    ends = [Phase(DRAW, 1, steps, rows / steps) for rows in (drafted, placed)]
    return (ends[0], _LOOKED, _ASKED, ends[1], _LOOKED)


_ASKED, _LOOKED = Phase(ASK, 1, 1), Phase(LOOK, 1, 1)


def _proposed(settings: Settings, planned: Plan) -> tuple[Phase, ...]:
    """Propose, select, look and judge, lay out, correct, look at the corrections and judge them."""
    drawing, steps, jobs = settings.drawing(), settings.steps, planned.corrections
    early = min(settings.candidate_steps or steps, steps)
    proposed = trajectory(drawing, stop=early)
    last = planned.row_steps // planned.stories - planned.candidates * proposed
    found = [Phase(DRAW, planned.candidates, early, proposed / early)]
    found += [_ASKED] * (planned.candidates > 1) + [_LOOKED] + [_ASKED] * settings.look_again
    found += [_ASKED] * (jobs > 0)
    if last:
        found.append(Phase(DRAW, max(1, jobs), steps, last / steps / max(1, jobs)))
    if jobs:
        found += [Phase(LOOK, jobs, 1)] + [Phase(ASK, jobs, 1)] * settings.look_again
    return tuple(found)


def row_steps_of(phases: tuple[Phase, ...]) -> float:
    """Row-steps that are drawn."""
    return sum(one.jobs * one.steps * one.rows for one in phases if one.station == DRAW)


def calls_of(phases: tuple[Phase, ...]) -> int:
    """Calls over handles that a request makes: one a job."""
    return sum(one.jobs for one in phases)
