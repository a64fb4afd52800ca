"""Watches a run being played: times it and its stages, counts what it lacks, keeps its trace."""

from __future__ import annotations

import time

from deployments.seeing import logs, traces
from deployments.seeing.figures import DEGRADED, QUEUED_SECONDS, RUN_SECONDS, STAGE_SECONDS
from deployments.seeing.span import Span
from deployments.seeing.traces import Around
from record.story.events import Degraded, Event, StageTimed
from runs.rows import Ending, RunRow

UNNAMED = "unfinished stage"
"""A stage says what it was when it ends."""


class RunWatch:
    """A run from its start in this process; what the task that makes it does from then on belongs to it."""

    def __init__(self, row: RunRow) -> None:
        logs.install()
        logs.belongs_to(row.id)
        settings = row.body["order"]["settings"]
        self.run, self.method = row.id, str(settings[0]["method"])
        self._created, self._is_first = row.created, row.attempts <= 1
        if self._is_first:
            QUEUED_SECONDS.observe(max(0.0, time.time() - row.created))
        self.span = traces.begin(
            row.id, "run", method=self.method, pictures=len(settings), attempt=row.attempts
        )
        traces.work_within(Around(self.span))

    def picture(self) -> PictureWatch:
        """Watches one of its pictures; to be called by the task that tells its story."""
        return PictureWatch(self)

    def end(self, status: Ending) -> None:
        """The run is over."""
        RUN_SECONDS.observe(time.time() - self._created, method=self.method, status=status)
        self.span.end("" if status == "finished" else status)

    def leave(self) -> None:
        """The run is another process's now; where it is over nothing happens."""
        self.span.end("played elsewhere")


class PictureWatch:
    """Hears a picture's story; a span for each stage, which the calls of that stage are parts of."""

    def __init__(self, of: RunWatch) -> None:
        self._of = of
        self._around = Around(self._stage())
        traces.work_within(self._around)

    def hear(self, event: Event) -> None:
        """Count and time what happens."""
        if isinstance(event, StageTimed):
            STAGE_SECONDS.observe(event.seconds, method=self._of.method, stage=event.stage)
            self._around.span.rename(event.stage)
            self._around.span.end()
            self._around.span = self._stage()
        elif isinstance(event, Degraded):
            DEGRADED.add(stage=event.stage)

    def _stage(self) -> Span:
        return traces.begin(self._of.run, UNNAMED, self._of.span.id)
