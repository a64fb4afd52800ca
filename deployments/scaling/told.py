"""What replicas record for the policy, by name; Ray Serve takes it to its controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deployments.scaling.wanted import Work

LADDER_S = (10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
"""Seconds from now in which work may be due."""
ROW_STEPS = "row_steps"
"""Of the edge: all that was accepted and has not ended. Of a painter: what is left of what it draws."""
DRAWN = "drawn_row_steps"
"""Of the edge: what was drawn of the runs that this replica plays."""
REFUSED = "refused_row_steps"
"""Of the edge: what this replica turned away in the last few seconds."""
USUAL = "usual_row_steps_per_s"
"""Of the edge: how fast one painter draws, as configured, until one has measured it."""
PACE = "row_steps_per_s"
"""Of a painter: as measured while most of its places were taken; 0 until then."""
REACHED = "reached_row_steps_per_s"
"""Of a painter: the most that was measured while they were not."""
NEEDS = "needs_"
"""Of a painter, before the name of a resource: how much of it Ray reserved."""


def due(rung_s: float) -> str:
    """Of the edge: what of its work is due within so many seconds."""
    return f"row_steps_due_{rung_s:g}"


def work_told(
    row_steps: float, due_by: Sequence[float], drawn: float, refused: float, usual: float
) -> dict[str, float]:
    """What the edge records; `due_by` are the row-steps due within each rung of the ladder."""
    ladder = {due(rung): float(steps) for rung, steps in zip(LADDER_S, due_by, strict=True)}
    alone = {DRAWN: float(drawn), REFUSED: float(refused), USUAL: float(usual)}
    return {ROW_STEPS: float(row_steps), **alone, **ladder}


def painter_told(
    row_steps: float, paces: tuple[float, float], reserved: Mapping[str, float]
) -> dict[str, float]:
    """What a painter records; `paces` are its own when full, and the most that it reached otherwise."""
    needs = {NEEDS + name: float(amount) for name, amount in reserved.items()}
    return {ROW_STEPS: float(row_steps), PACE: float(paces[0]), REACHED: float(paces[1]), **needs}


def needs_in(told: Mapping[str, float]) -> dict[str, float]:
    """What a painter told that it has reserved."""
    return {name.removeprefix(NEEDS): amount for name, amount in told.items() if name.startswith(NEEDS)}


def work_in(told: Sequence[Mapping[str, float]]) -> Work:
    """The work that the edge's replicas told of, the newest of them first: at least one.

    All say the same of the store. Of what is drawn already each deadline's work has its share.
    """
    whole = told[0].get(ROW_STEPS, 0.0)
    drawn, refused = (sum(one.get(name, 0.0) for one in told) for name in (DRAWN, REFUSED))
    left = max(0.0, whole - drawn)
    share = left / whole if whole else 0.0
    ladder = tuple((rung, share * told[0].get(due(rung), 0.0)) for rung in LADDER_S)
    return Work(left + refused, ladder)
