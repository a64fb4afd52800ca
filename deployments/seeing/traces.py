"""One OpenTelemetry trace a run, where OTEL_EXPORTER_OTLP_ENDPOINT says who collects them.

A run's id gives its trace and the trace's first span, the request: so whoever plays the run, in whichever
process, adds to the same trace, and nothing of it has to be kept. Switched off, nothing of OpenTelemetry is
imported.
"""

from __future__ import annotations

import os
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from deployments.seeing.span import NoSpan, Span, Tracing

VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass
class Around:
    """The span in which a task and those that it starts work: another one in turn."""

    span: Span


NOWHERE = Around(NoSpan())
_around: ContextVar[Around] = ContextVar("around", default=NOWHERE)


@cache
def tracing() -> Tracing | None:
    """What makes spans; None where nobody collects them."""
    if not os.environ.get(VARIABLE):
        return None
    from deployments.seeing.spans import Exported, to_collector

    return Exported(to_collector())


def begin(run: str, name: str, parent: int = 0, **attributes: str | int | float | bool) -> Span:
    """A span of a run, below `parent`."""
    makes = tracing()
    return NoSpan() if makes is None else makes.begin(run, name, parent, attributes)


def work_within(around: Around) -> None:
    """From here on what this task calls is a part of `around`'s span."""
    _around.set(around)


def current_span() -> int:
    """The id of the span that this task works in; 0 outside any."""
    return _around.get().span.id
