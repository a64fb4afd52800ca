"""What both clients do with a run that somebody waits for; without any I/O."""

from __future__ import annotations

from collections.abc import Callable

from record_client.errors import ConnectionLost, RunCancelled, RunFailed
from record_client.events import Cancelled, Failed, Progress, Told
from record_client.told import Run

STOP_WITHIN_S = 5.0
"""Seconds that whoever leaves gives each request which stops the run."""

OnEvent = Callable[[Told], None]


class Waiting:
    """Keeps what is told of a run, but mere progress, and hands all of it on."""

    def __init__(self, on_event: OnEvent | None) -> None:
        self.run: Run | None = None
        self.heard: list[Told] = []
        self._on_event = on_event

    def hear(self, told: Told) -> None:
        """Take an event."""
        if not isinstance(told.event, Progress):
            self.heard.append(told)
        if self._on_event is not None:
            self._on_event(told)

    def check(self, run: str) -> None:
        """Return if the run finished; RunFailed or RunCancelled where it ended otherwise."""
        if not self.heard or not self.heard[-1].is_end:
            raise ConnectionLost(f"run {run} was not told to its end: follow it again")
        end = self.heard[-1].event
        if isinstance(end, Failed):
            raise RunFailed(run, end.error)
        if isinstance(end, Cancelled):
            raise RunCancelled(run)


def note_stopped(error: BaseException, run: Run) -> None:
    """Add to an error that the run was stopped because of it."""
    over = f"was {run.status} already" if run.is_over and run.status != "cancelled" else "is stopped"
    error.add_note(f"run {run.id} {over}")


def note_going_on(error: BaseException, run: Run | None, why: BaseException) -> None:
    """Add to an error that the run could not be stopped."""
    name = "the run, if it was accepted," if run is None else f"run {run.id}"
    error.add_note(f"{name} could not be stopped: {why}")
