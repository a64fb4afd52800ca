"""Takes an engine's own figures to Prometheus."""

from __future__ import annotations

from deployments.seeing.figures import ENGINE_PICTURES, STEP_ROWS, STEP_SECONDS
from record.engine.taken import Taken


def step_taken(step: Taken) -> None:
    """An engine's observer; quick, and safe in any thread."""
    STEP_SECONDS.observe(step.seconds)
    STEP_ROWS.observe(step.rows)
    ENGINE_PICTURES.set(step.live)
