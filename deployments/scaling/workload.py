"""What a painter has still to draw, and how fast it draws, in row-steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from record.job import Job
from record.story.cost import trajectory
from record.types import Candidate, Progress

CROWD = 0.5
"""Share of its places that are taken all the time while a painter's pace counts as that of a full one."""
MEASURED_S = 5.0
"""Least time over which a pace is measured: several steps, since row-steps come a step at once."""
MOST_RUNS = 4096
"""Runs that are remembered; a replica of the edge plays fewer at once."""
NEWS = 0.3
"""Weight of the newest pace of a full painter among those before."""


@dataclass
class Steps:
    """A job being drawn, and the steps that it has taken."""

    job: Job
    step: int = 0

    def __post_init__(self) -> None:
        """It begins where it goes on from."""
        self.step = 0 if self.job.resume is None else self.job.resume.step

    def take(self, part: Progress | Candidate) -> int:
        """Row-steps that it has taken since the part before this one."""
        before, step = self.step, part.step if isinstance(part, Progress) else self.job.last_step
        self.step = max(before, step)
        return _cost(self.job, before, self.step)

    def left(self) -> int:
        """Row-steps to its end."""
        return _cost(self.job, self.step, self.job.last_step)


class Drawn:
    """Row-steps that were drawn of the runs of one replica of the edge."""

    def __init__(self) -> None:
        self._runs: dict[str, int] = {}

    def add(self, run: str, row_steps: int) -> None:
        """So many more were drawn of a run."""
        self._runs[run] = self._runs.get(run, 0) + row_steps
        if len(self._runs) > MOST_RUNS:  # where nobody asks
            self._runs.pop(next(iter(self._runs)))

    def of(self, playing: Container[str]) -> int:
        """Of the runs that are played here; all others are forgotten."""
        self._runs = {run: steps for run, steps in self._runs.items() if run in playing}
        return sum(self._runs.values())


class Workload:
    """Counts the jobs of one painter with `places` that share a step."""

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._places, self._clock = places, clock
        self._jobs: dict[int, Steps] = {}
        self._done, self._fewest = 0, 0
        self._since = clock()
        self._alone, self._full = 0.0, 0.0

    @contextmanager
    def drawing(self, job: Job) -> Iterator[Callable[[Progress | Candidate], None]]:
        """A job for as long as the block lasts; what is given takes its parts as they come."""
        steps = Steps(job)
        self._jobs[id(steps)] = steps

        def took(part: Progress | Candidate) -> None:
            self._done += steps.take(part)

        try:
            yield took
        finally:
            del self._jobs[id(steps)]
            self._fewest = min(self._fewest, len(self._jobs))

    def left(self) -> int:
        """Row-steps of all jobs to their ends."""
        return sum(one.left() for one in self._jobs.values())

    def paces(self) -> tuple[float, float]:
        """Row-steps a second with most places taken, and the most reached otherwise; 0 until then."""
        seconds = self._clock() - self._since
        if seconds >= MEASURED_S:
            self._measure(self._done / seconds)
            self._since, self._done, self._fewest = self._since + seconds, 0, len(self._jobs)
        return self._full, self._alone

    def _measure(self, rate: float) -> None:
        if self._fewest < CROWD * self._places:
            self._alone = max(self._alone, rate)
        else:
            self._full = (1 - NEWS) * self._full + NEWS * rate if self._full else rate


def _cost(job: Job, start: int, stop: int) -> int:
    has_box = job.box is not None
    is_held = job.reference.person_box is not None
    return trajectory(job.drawing, box=has_box, person=is_held, start=start, stop=stop)
