"""What a call takes along to another deployment: the run it belongs to, and the span it is a part of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deployments.seeing import logs, traces


@dataclass(frozen=True)
class Carrier:
    """A run, and the span in it that calls; 0 where no trace is kept."""

    run: str
    span: int = 0


def carrier() -> dict[str, Carrier]:
    """The keyword argument of a call made now; none outside a run."""
    run = logs.current_run()
    return {"carrier": Carrier(run, traces.current_span())} if run else {}


@contextmanager
def serving(carried: Carrier | None, name: str) -> Iterator[None]:
    """A replica's work on a call: log lines name its run, and a span below the caller's tells of it."""
    if carried is None:
        yield
        return
    logs.install()
    logs.belongs_to(carried.run)
    span = traces.begin(carried.run, name, carried.span)
    error = ""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit):
        error = "the caller left"
        raise
    except Exception as cause:
        error = type(cause).__name__
        raise
    finally:
        span.end(error)
