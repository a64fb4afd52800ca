"""The story of a request, written once: propose -> analyse -> select -> lay out -> correct.

Whoever plays the parts - coroutines in this process, or deployments behind handles - the order of
things is here and nowhere else.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from record.engine import Job
from record.errors import ReasoningError
from record.events import (
    CandidateAnalysed,
    CandidateReady,
    Degraded,
    Event,
    ImageReady,
    LayoutKept,
    LayoutProposed,
    PoseSelected,
    StageTimed,
)
from record.geometry import Box
from record.prompt import Prompt
from record.reasoning.change import needs_correction
from record.settings import Settings
from record.types import Candidate, Image, Layout, Look, PoseChoice


class Diffusion(Protocol):
    """Draws; any replica draws the same picture for the same job."""

    async def draw(self, job: Job) -> Candidate:
        """Run one trajectory: a candidate, or with `job.box` the correction."""
        ...


class Analyst(Protocol):
    """Looks at a candidate."""

    async def look(self, candidate: Candidate) -> Look:
        """Find keypoints, person box and mask, and the object's box."""
        ...


class Reasoner(Protocol):
    """The two agents of section 3.3; both raise ReasoningError."""

    async def select(self, prompt: Prompt, images: Sequence[Image]) -> PoseChoice:
        """Choose the picture whose pose fits the verb."""
        ...

    async def lay_out(self, prompt: Prompt, image: Image, look: Look) -> Layout:
        """Say where the object belongs."""
        ...


@dataclass(frozen=True)
class Cast:
    """Who plays; without a reasoner the first candidate and its layout are kept."""

    diffusion: Diffusion
    analyst: Analyst
    reasoner: Reasoner | None = None


@dataclass(frozen=True)
class Request:
    """A prompt that was read, its settings, and optionally the caller's own object box."""

    prompt: Prompt
    settings: Settings
    box: Box | None = None
    id: str = field(default_factory=lambda: f"run-{uuid.uuid4().hex[:12]}")


async def run(request: Request, cast: Cast) -> AsyncIterator[Event]:
    """Play the story; events come as they happen and end with ImageReady, or an error is raised."""
    clock = _Clock()
    if request.settings.method == "plain":
        candidate = await cast.diffusion.draw(_job(request, 0))
        yield CandidateReady(clock.now, 0, candidate)
        yield clock.stage("propose")
        yield ImageReady(clock.now, candidate.image, is_corrected=False)
        return
    candidates: dict[int, Candidate] = {}
    async for index, candidate in _propose(request, cast):
        candidates[index] = candidate
        yield CandidateReady(clock.now, index, candidate)
    yield clock.stage("propose")

    chosen = candidates[0]
    async for picked in _select(request, cast, [candidates[i] for i in sorted(candidates)], clock):
        chosen = candidates[picked.choice.index] if isinstance(picked, PoseSelected) else chosen
        yield picked

    look = await cast.analyst.look(chosen)
    yield CandidateAnalysed(clock.now, look)
    yield clock.stage("analyse")

    box: Box | None = None
    async for placed in _lay_out(request, cast, chosen, look, clock):
        box = placed.box if isinstance(placed, LayoutProposed) else box
        yield placed

    reason = _reason_to_keep(look.object_box, box, request.settings)
    if box is None or reason:
        yield LayoutKept(clock.now, reason)
        yield ImageReady(clock.now, chosen.image, is_corrected=False)
        return
    corrected = await cast.diffusion.draw(Job(request.prompt, chosen.seed, request.settings, box))
    yield clock.stage("correct")
    yield ImageReady(clock.now, corrected.image, is_corrected=True)


async def _propose(request: Request, cast: Cast) -> AsyncIterator[tuple[int, Candidate]]:
    """All candidates at once, one call each, in the order in which they finish."""

    async def one(index: int) -> tuple[int, Candidate]:
        return index, await cast.diffusion.draw(_job(request, index))

    tasks = [asyncio.create_task(one(index)) for index in range(request.settings.candidates)]
    try:
        for finished in asyncio.as_completed(tasks):
            yield await finished
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _select(
    request: Request, cast: Cast, candidates: Sequence[Candidate], clock: _Clock
) -> AsyncIterator[PoseSelected | Degraded | StageTimed]:
    if cast.reasoner is None or len(candidates) == 1:
        return
    try:
        choice = await cast.reasoner.select(request.prompt, [c.image for c in candidates])
        yield PoseSelected(clock.now, choice)
    except ReasoningError as error:
        if request.settings.strict:
            raise
        yield Degraded(clock.now, "select", f"{error}; the first candidate is used")
    yield clock.stage("select")


async def _lay_out(
    request: Request, cast: Cast, chosen: Candidate, look: Look, clock: _Clock
) -> AsyncIterator[LayoutProposed | Degraded | StageTimed]:
    if request.box is not None:
        yield LayoutProposed(clock.now, request.box, None)
        return
    if cast.reasoner is None:
        return
    try:
        layout = await cast.reasoner.lay_out(request.prompt, chosen.image, look)
        yield LayoutProposed(clock.now, layout.object_box, layout)
    except ReasoningError as error:
        if request.settings.strict:
            raise
        yield Degraded(clock.now, "lay_out", f"{error}; the candidate's own layout is kept")
    yield clock.stage("lay_out")


def _job(request: Request, index: int) -> Job:
    return Job(request.prompt, request.settings.seed + index, request.settings)


def _reason_to_keep(before: Box | None, after: Box | None, settings: Settings) -> str:
    if after is None:
        return "no other layout was proposed"
    if before is None or needs_correction(before, after, iou=settings.keep_iou, shift=settings.keep_shift):
        return ""
    return f"the proposed box is the current one (IoU {before.iou(after):.2f})"


class _Clock:
    """Seconds since the request began, and since the last stage ended."""

    def __init__(self) -> None:
        self._start = self._stage = time.perf_counter()

    @property
    def now(self) -> float:
        return time.perf_counter() - self._start

    def stage(self, name: str) -> StageTimed:
        now = time.perf_counter()
        seconds, self._stage = now - self._stage, now
        return StageTimed(now - self._start, name, seconds)
