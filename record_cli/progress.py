"""A bar for each stage of the story, fed by its events."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TaskID, TextColumn, TimeElapsedColumn

from record.story.events import CandidateReady, CorrectionReady, Event, ImageReady, StageTimed, Stepped
from record_client.events import Accepted, Restarted

STAGES = {
    "propose": "drawing candidates",
    "select": "choosing the pose",
    "analyse": "looking at body and object",
    "lay_out": "placing the object",
    "correct": "drawing the corrected picture",
    "judge": "looking again",
    "draw": "drawing the picture",
    "finish": "finishing the picture",
    "judge_stories": "choosing among whole pictures",
}
"""The story's stages in words; one that ends is followed by the next, unless events say otherwise."""
LAST = ("correct", "judge", "draw", "finish", "judge_stories")


def waiting(event: Accepted) -> str:
    """A run that a service accepted and does not draw yet, in words."""
    return f"waiting: {event.position} before it, ready in about {event.ready_in_s:.0f} s"


class StoryProgress:
    """Shows the stage that runs, how far it is, and what each stage before it took.

    A stage whose steps are not told has a moving bar. To be used as a context manager.
    """

    def __init__(self, console: Console, title: str) -> None:
        """`title` is shown until the first event says which stage runs."""
        columns = (
            SpinnerColumn(finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._title = title
        self._task: TaskID | None = None
        self._stage: str | None = None
        self._taken: dict[tuple[int | None, int], tuple[int, int]] = {}
        self._looks_again = False

    def __enter__(self) -> Self:
        self._progress.start()
        self._open(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._drop()
        self._progress.stop()

    @property
    def tasks(self) -> Sequence[Task]:
        """The bars, from the first stage to the one that runs."""
        return self._progress.tasks

    def on_event(self, event: Event) -> None:
        """Move the bars as the story goes."""
        if isinstance(event, Accepted):
            self._update(description=waiting(event))
            return
        if isinstance(event, Restarted):
            self._drop()
            self._open("")
            self._stage = None
        if self._stage is None:
            self._enter_stage(next(iter(STAGES)))
        if isinstance(event, Stepped):
            self._on_step(event)
        elif isinstance(event, CandidateReady):
            self._update(note=f"candidate {event.index} ready")
        elif isinstance(event, CorrectionReady):
            self._looks_again = True
            self._update(note=f"correction {event.index} ready")
        elif isinstance(event, StageTimed):
            self._finish(event.stage)
        elif isinstance(event, ImageReady):
            self._drop()

    def _on_step(self, event: Stepped) -> None:
        """One trajectory of the running stage took a step; all of them share the bar."""
        if event.index is None and self._stage not in LAST:
            self._enter_stage("draw")
        elif self._task is None:
            self._open("")
            self._enter_stage("finish")
        self._taken[event.index, event.correction] = (event.step, event.steps)
        taken, total = (sum(column) for column in zip(*self._taken.values(), strict=True))
        self._update(completed=taken, total=total, note=f"step {event.step}/{event.steps}")

    def _finish(self, stage: str) -> None:
        """`stage` ended: fill its bar and open the next one's."""
        self._update(description=STAGES.get(stage, stage), completed=1, total=1, note="")
        self._task = None
        names = list(STAGES)
        is_last = stage in LAST and not (stage == "correct" and self._looks_again)
        if stage in names and not is_last:
            self._open("")
            self._enter_stage(names[names.index(stage) + 1])

    def _enter_stage(self, stage: str) -> None:
        self._stage = stage
        self._taken = {}
        self._update(description=STAGES[stage])

    def _open(self, words: str) -> None:
        self._task = self._progress.add_task(words, total=None, note="")

    def _update(self, **changes: Any) -> None:
        if self._task is not None:
            self._progress.update(self._task, **changes)

    def _drop(self) -> None:
        """Take away the bar of a stage that did not end."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None
