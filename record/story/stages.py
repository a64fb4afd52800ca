"""The stages of a story, in their order: propose, select, look, lay out, correct (or keep)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from record.errors import ReasoningError
from record.geometry import Box
from record.job import Job, Resume
from record.reasoning.change import needs_correction
from record.settings import MAX_SEED, Drawing, Settings
from record.story.cast import Chosen
from record.story.events import CandidateAnalysed, ImageReady, LayoutKept, LayoutProposed, PoseSelected
from record.story.telling import Telling
from record.types import Candidate


async def propose(told: Telling) -> list[Candidate]:
    """All k candidates at once, a call each; the first failure ends the others."""
    tasks = [
        asyncio.create_task(told.draw_candidate(_coarse(told, index), index))
        for index in range(told.settings.candidates)
    ]
    try:
        candidates = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    told.end_stage("propose")
    return candidates


def _coarse(told: Telling, index: int) -> Job:
    steps, settings = told.settings.candidate_steps, told.settings
    stop_after = steps if 0 < steps < settings.steps else None
    return Job(told.prompt, (settings.seed + index) % MAX_SEED, told.drawing, stop_after=stop_after)


async def select(told: Telling, candidates: Sequence[Candidate]) -> Candidate:
    """The candidate whose pose the agent chose; the first one without an agent, or where it failed."""
    reasoner = told.cast.reasoner
    if reasoner is None or len(candidates) == 1:
        return candidates[0]
    chosen = candidates[0]
    try:
        choice = await reasoner.select(told.prompt, [c.image for c in candidates])
        told.emit(PoseSelected(told.now, choice))
        chosen = candidates[choice.index]
    except ReasoningError as error:
        told.degrade("select", error, "the first candidate is used")
    told.end_stage("select")
    return chosen


async def look(told: Telling, candidate: Candidate) -> Chosen:
    """What is seen in the chosen candidate: keypoints, person, object."""
    seen = await told.cast.analyst.look(candidate)
    told.emit(CandidateAnalysed(told.now, seen))
    told.end_stage("analyse")
    return Chosen(candidate, seen)


async def lay_out(told: Telling, chosen: Chosen) -> Box | None:
    """The object's box: the caller's, else the layout agent's; None where neither gives one."""
    if told.request.box is not None:
        told.emit(LayoutProposed(told.now, told.request.box, None))
        return told.request.box
    if told.cast.reasoner is None:
        return None
    box: Box | None = None
    try:
        layout = await told.cast.reasoner.lay_out(told.prompt, chosen.candidate.image, chosen.look)
        told.emit(LayoutProposed(told.now, layout.object_box, layout))
        box = layout.object_box
    except ReasoningError as error:
        told.degrade("lay_out", error, "the candidate's own layout is kept")
    told.end_stage("lay_out")
    return box


async def correct(told: Telling, chosen: Chosen, box: Box | None) -> None:
    """Draw the chosen candidate again with the object in `box`, unless that changes nothing."""
    reason = _reason_to_keep(chosen.look.object_box, box, told.settings)
    if box is None or reason:
        await keep(told, chosen.candidate, reason)
        return
    job = Job(told.prompt, chosen.candidate.seed, told.drawing, box, chosen.reference)
    told.show(await told.draw(job, None), "correct", is_corrected=True)


async def keep(told: Telling, candidate: Candidate, reason: str, drawing: Drawing | None = None) -> None:
    """The candidate is the answer; one that stopped early, or whose picture is not here, is drawn first.

    `drawing` is how it was drawn, where that is not how the request's picture would be.
    """
    told.emit(LayoutKept(told.now, reason))
    if candidate.strands is None and candidate.image.size:
        told.emit(ImageReady(told.now, candidate.image, is_corrected=False))
        return
    strands = candidate.strands
    resume = None if strands is None else Resume(told.settings.candidate_steps, strands)
    job = Job(told.prompt, candidate.seed, drawing or told.drawing, resume=resume)
    told.show(await told.draw(job, None), "finish", is_corrected=False)


def _reason_to_keep(before: Box | None, after: Box | None, settings: Settings) -> str:
    if after is None:
        return "no other layout was proposed"
    if before is None or needs_correction(before, after, iou=settings.keep_iou, shift=settings.keep_shift):
        return ""
    return f"the proposed box is the current one (IoU {before.iou(after):.2f})"
