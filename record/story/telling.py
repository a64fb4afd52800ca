"""One request being told: what every stage needs of its request, its cast and its clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing

from record.errors import ReasoningError, TrajectoryError
from record.job import Job
from record.story.cast import Cast, Request
from record.story.events import CandidateReady, Degraded, Event, ImageReady, StageTimed, Stepped
from record.types import Candidate


class Telling:
    """A request and who plays it; what happens is told to `emit` at once, in the order of `now`."""

    def __init__(self, request: Request, cast: Cast, emit: Callable[[Event], None]) -> None:
        self.request, self.cast, self.emit = request, cast, emit
        self.prompt, self.settings = request.prompt, request.settings
        self.drawing = request.settings.drawing()
        self._start = self._stage = time.perf_counter()

    @property
    def now(self) -> float:
        """Seconds since the request began."""
        return time.perf_counter() - self._start

    def end_stage(self, stage: str) -> None:
        """Tell that a stage ended, and what it took since the one before."""
        now = time.perf_counter()
        seconds, self._stage = now - self._stage, now
        self.emit(StageTimed(now - self._start, stage, seconds))

    async def draw(self, job: Job, index: int | None) -> Candidate:
        """Draw, passing progress on; `index` is the candidate's, None for a last pass.

        Raises what Diffusion.draw does.
        """
        async with aclosing(self.cast.diffusion.draw(job, self.request.timeout_s - self.now)) as parts:
            async for part in parts:
                if isinstance(part, Candidate):
                    return part
                self.emit(Stepped(self.now, index, part.step, part.steps))
        raise TrajectoryError(f"seed {job.seed} ended without a picture")

    async def draw_candidate(self, job: Job, index: int) -> Candidate:
        """Draw a candidate and tell that it is ready."""
        candidate = await self.draw(job, index)
        self.emit(CandidateReady(self.now, index, candidate))
        return candidate

    def show(self, candidate: Candidate, stage: str, *, is_corrected: bool) -> None:
        """The last stage ended with the picture."""
        self.end_stage(stage)
        self.emit(ImageReady(self.now, candidate.image, is_corrected=is_corrected))

    def degrade(self, stage: str, error: ReasoningError, remedy: str) -> None:
        """Go on without the language model's answer; in strict requests its error is raised."""
        if self.settings.strict:
            raise error
        self.emit(Degraded(self.now, stage, f"{error}; {remedy}"))
