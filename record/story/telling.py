"""One request being told: what every stage needs of its request, its cast and its clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import cached_property

from record.errors import AwayError, ReasoningError, TrajectoryError
from record.job import Job
from record.story import cost
from record.story.cast import Cast, Request
from record.story.events import CandidateReady, Degraded, Event, ImageReady, StageTimed, Stepped
from record.traits import traits_of
from record.types import Candidate, Picture, Verdict


class Telling:
    """A request and who plays it; what happens is told to `emit` at once, in the order of `now`.

    `judges` is whether pictures are judged from here on; it ends with the first judgement that fails.
    `reasoner` is the cast's until it is found to be away: then nobody waits for it again.
    """

    def __init__(
        self, request: Request, cast: Cast, emit: Callable[[Event], None], start: float | None = None
    ) -> None:
        """The request began at `start`, in seconds of `time.perf_counter` (None: now)."""
        self.request, self.cast, self.emit = request, cast, emit
        self.prompt, self.settings = request.prompt, request.settings
        self.drawing = request.settings.drawing()
        self.reasoner = cast.reasoner
        self.judges = self.settings.look_again and cast.reasoner is not None and cast.reasoner.can_judge
        self.start = self._stage = time.perf_counter() if start is None else start

    @cached_property
    def plan(self) -> cost.Plan:
        """How much is drawn; SettingsError where the budget leaves nothing."""
        traits, has_box = traits_of(self.settings.method), self.request.box is not None
        return cost.plan(self.settings, traits, has_box=has_box, can_judge=self.judges)

    @property
    def now(self) -> float:
        """Seconds since the request began."""
        return time.perf_counter() - self.start

    def end_stage(self, stage: str) -> None:
        """Tell that a stage ended, and what it took since the one before."""
        now = time.perf_counter()
        seconds, self._stage = now - self._stage, now
        self.emit(StageTimed(now - self.start, stage, seconds))

    async def draw(self, job: Job, index: int | None, correction: int = 0) -> Candidate:
        """Draw, passing progress on; `index` is the candidate's, None for last pass `correction`.

        Raises what Diffusion.draw does.
        """
        left_s, previews = self.request.timeout_s - self.now, self.request.previews
        async with aclosing(self.cast.diffusion.draw(job, left_s, previews=previews)) as parts:
            async for part in parts:
                if isinstance(part, Candidate):
                    return part
                self.emit(
                    Stepped(self.now, index, part.step, part.steps, correction, part.preview, part.loss)
                )
        raise TrajectoryError(f"seed {job.seed} ended without a picture")

    async def draw_candidate(self, job: Job, index: int) -> Candidate:
        """Draw a candidate and tell that it is ready."""
        candidate = await self.draw(job, index)
        self.emit(CandidateReady(self.now, index, candidate))
        return candidate

    async def judge(self, images: Sequence[Picture]) -> Sequence[Verdict | None]:
        """A verdict a picture; None for each where nobody judges, or the judge failed."""
        if self.judges and self.reasoner is not None:
            try:
                return await self.reasoner.judge(self.prompt, images)
            except ReasoningError as error:
                self.judges = False
                self.degrade("judge", error, "nothing is judged")
        return [None] * len(images)

    def show(self, candidate: Candidate, stage: str, *, is_corrected: bool) -> None:
        """The last stage ended with the picture."""
        self.end_stage(stage)
        self.emit(ImageReady(self.now, candidate.image, is_corrected=is_corrected))

    def degrade(self, stage: str, error: ReasoningError, remedy: str) -> None:
        """Go on without the language model's answer; in strict requests its error is raised."""
        if self.settings.strict:
            raise error
        if isinstance(error, AwayError):
            self.reasoner = None
        self.emit(Degraded(self.now, stage, f"{error}; {remedy}"))
