"""The story of a request, written once: propose -> select -> analyse -> lay out -> correct.

Whoever plays the parts - coroutines in this process, or deployments behind handles - the order of
things is here and nowhere else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

from record.errors import InputError, ReasoningError, TrajectoryError
from record.geometry import Box
from record.job import Job, Reference, Resume
from record.methods import METHODS, Method, Record
from record.reasoning.change import needs_correction
from record.settings import MAX_SEED, Settings
from record.story.cast import Cast, Request
from record.story.events import (
    CandidateAnalysed,
    CandidateReady,
    Degraded,
    Event,
    ImageReady,
    LayoutKept,
    LayoutProposed,
    PoseSelected,
    StageTimed,
    Stepped,
)
from record.types import Candidate, Look


async def run(request: Request, cast: Cast) -> AsyncIterator[Event]:
    """Play the story; events come as they happen and end with ImageReady, or an error is raised."""
    news: asyncio.Queue[Event | None] = asyncio.Queue()
    telling = asyncio.create_task(_Story(request, cast, news.put_nowait).play())
    telling.add_done_callback(lambda _: news.put_nowait(None))
    try:
        while (event := await news.get()) is not None:
            yield event
        await telling
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


class _Story:
    """One request being played; what happens is told to `emit` at once."""

    def __init__(self, request: Request, cast: Cast, emit: Callable[[Event], None]) -> None:
        self.request, self.cast, self.emit = request, cast, emit
        self.settings = request.settings
        self.clock = _Clock()

    async def play(self) -> None:
        method = METHODS.get(self.settings.method)
        if isinstance(method, Record):
            await self._correct_the_best()
        elif method is not None and method.needs_box:
            await self._draw_in_a_box(method)
        else:
            await self._draw_at_once()

    async def _correct_the_best(self) -> None:
        """ReCorD: candidates, the two agents, the correction."""
        candidates = await self._propose()
        chosen = await self._select(candidates)
        if not self.settings.correction:
            await self._keep(chosen, "the correction is switched off")
            return
        look = await self._look(chosen)
        box = await self._lay_out(chosen, look)
        reason = _reason_to_keep(look.object_box, box, self.settings)
        if box is None or reason:
            await self._keep(chosen, reason)
            return
        job = Job(self.request.prompt, chosen.seed, self.settings, box, _reference(chosen, look))
        self._show(await self._draw(job, None), "correct", is_corrected=True)

    async def _draw_in_a_box(self, method: Method) -> None:
        """A method that places the object: in the caller's box, or the layout agent's for a plain draft.

        One that also places the person takes that box from the draft, whoever gave the object's.
        """
        box, reference, prompt = self.request.box, Reference(), self.request.prompt
        if box is None and self.cast.reasoner is None:
            raise InputError(
                f"method {self.settings.method!r} needs the object's box: give box=[x0, y0, x1, y1], or "
                "a vision-language model that proposes one",
                param="box",
            )
        if box is None or method.needs_person:
            plain = self.settings.model_copy(update={"method": "plain"})
            draft = await self._candidate(Job(prompt, self.settings.seed, plain), 0)
            self.emit(self.clock.stage("propose"))
            look = await self._look(draft)
            box, reference = await self._lay_out(draft, look), _reference(draft, look)
            unknown = _unknown_place(box, look, method)
            if unknown:
                await self._keep(draft, f"{unknown}: the plain draft is the answer")
                return
        else:
            self.emit(LayoutProposed(self.clock.now, box, None))
        job = Job(prompt, self.settings.seed, self.settings, box, reference)
        self._show(await self._draw(job, None), "draw", is_corrected=False)

    async def _draw_at_once(self) -> None:
        job = Job(self.request.prompt, self.settings.seed, self.settings, self.request.box)
        candidate = await self._candidate(job, 0)
        self._show(candidate, "propose", is_corrected=False)

    async def _propose(self) -> list[Candidate]:
        """All candidates at once, one call each; the first failure ends the others."""
        tasks = [
            asyncio.create_task(self._candidate(self._coarse(index), index))
            for index in range(self.settings.candidates)
        ]
        try:
            candidates = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.emit(self.clock.stage("propose"))
        return candidates

    def _coarse(self, index: int) -> Job:
        seed = (self.settings.seed + index) % MAX_SEED
        return Job(self.request.prompt, seed, self.settings, stop_after=self.settings.candidate_steps or None)

    async def _select(self, candidates: Sequence[Candidate]) -> Candidate:
        reasoner = self.cast.reasoner
        if reasoner is None or len(candidates) == 1:
            return candidates[0]
        chosen = candidates[0]
        try:
            choice = await reasoner.select(self.request.prompt, [c.image for c in candidates])
            self.emit(PoseSelected(self.clock.now, choice))
            chosen = candidates[choice.index]
        except ReasoningError as error:
            self._degrade("select", error, "the first candidate is used")
        self.emit(self.clock.stage("select"))
        return chosen

    async def _look(self, chosen: Candidate) -> Look:
        look = await self.cast.analyst.look(chosen)
        self.emit(CandidateAnalysed(self.clock.now, look))
        self.emit(self.clock.stage("analyse"))
        return look

    async def _lay_out(self, chosen: Candidate, look: Look) -> Box | None:
        if self.request.box is not None:
            self.emit(LayoutProposed(self.clock.now, self.request.box, None))
            return self.request.box
        if self.cast.reasoner is None:
            return None
        box: Box | None = None
        try:
            layout = await self.cast.reasoner.lay_out(self.request.prompt, chosen.image, look)
            self.emit(LayoutProposed(self.clock.now, layout.object_box, layout))
            box = layout.object_box
        except ReasoningError as error:
            self._degrade("lay_out", error, "the candidate's own layout is kept")
        self.emit(self.clock.stage("lay_out"))
        return box

    async def _keep(self, chosen: Candidate, reason: str) -> None:
        """The chosen candidate is the answer; one that stopped early is gone on from first."""
        self.emit(LayoutKept(self.clock.now, reason))
        if chosen.strands is None:
            self.emit(ImageReady(self.clock.now, chosen.image, is_corrected=False))
            return
        resume = Resume(self.settings.candidate_steps, chosen.strands)
        job = Job(self.request.prompt, chosen.seed, self.settings, resume=resume)
        self._show(await self._draw(job, None), "finish", is_corrected=False)

    async def _candidate(self, job: Job, index: int) -> Candidate:
        candidate = await self._draw(job, index)
        self.emit(CandidateReady(self.clock.now, index, candidate))
        return candidate

    async def _draw(self, job: Job, index: int | None) -> Candidate:
        """Draw, passing progress on; `index` is the candidate's, None for a last pass."""
        async with aclosing(self.cast.diffusion.draw(job, self.request.timeout_s - self.clock.now)) as parts:
            async for part in parts:
                if isinstance(part, Candidate):
                    return part
                self.emit(Stepped(self.clock.now, index, part.step, part.steps))
        raise TrajectoryError(f"seed {job.seed} ended without a picture")

    def _show(self, candidate: Candidate, stage: str, *, is_corrected: bool) -> None:
        self.emit(self.clock.stage(stage))
        self.emit(ImageReady(self.clock.now, candidate.image, is_corrected=is_corrected))

    def _degrade(self, stage: str, error: ReasoningError, remedy: str) -> None:
        if self.settings.strict:
            raise error
        self.emit(Degraded(self.clock.now, stage, f"{error}; {remedy}"))


def _reference(chosen: Candidate, look: Look) -> Reference:
    return Reference(look.person_box, look.person_mask, chosen.subject_map, chosen.verb_map)


def _unknown_place(box: Box | None, look: Look, method: Method) -> str:
    if box is None:
        return "no box was proposed"
    return "no person was found in the draft" if method.needs_person and look.person_box is None else ""


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
