"""The stages of a story: propose, select, look, lay out, correct, judge, answer (or keep)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from record.errors import ReasoningError
from record.geometry import Box
from record.job import Job, Resume
from record.reasoning.change import needs_correction
from record.settings import MAX_SEED, Drawing, Settings
from record.story.events import (
    CorrectionReady,
    Degraded,
    ImageReady,
    Judged,
    LayoutKept,
    LayoutProposed,
    PoseSelected,
)
from record.story.telling import Telling
from record.story.variety import varied
from record.story.verdicts import Seen, best, why
from record.together import together
from record.types import Candidate, PoseChoice


async def propose(told: Telling) -> list[Candidate]:
    """All candidates at once, a call each; the first failure ends the others."""
    count = told.plan.candidates
    candidates = await together(told.draw_candidate(_coarse(told, index), index) for index in range(count))
    told.end_stage("propose")
    return candidates


def _coarse(told: Telling, index: int) -> Job:
    steps, settings = told.settings.candidate_steps, told.settings
    stop_after = steps if 0 < steps < settings.steps else None
    return Job(told.prompt, (settings.seed + index) % MAX_SEED, told.drawing, stop_after=stop_after)


async def select(told: Telling, candidates: Sequence[Candidate]) -> PoseChoice:
    """The pose agent's choice; the first candidate without an agent, or where it failed."""
    reasoner, choice = told.reasoner, PoseChoice(0, ())
    if reasoner is None or len(candidates) == 1:
        return choice
    try:
        choice = await reasoner.select(told.prompt, [c.image for c in candidates])
        told.emit(PoseSelected(told.now, choice))
    except ReasoningError as error:
        told.degrade("select", error, "the first candidate is used")
    told.end_stage("select")
    return choice


async def look(told: Telling, candidates: Sequence[Candidate], choice: PoseChoice) -> Seen:
    """What is seen in the chosen candidate, or in the first of its rivals that has an object it lacks."""
    (seen,) = await see(told, [candidates[choice.index]])
    for index in () if seen.has_object else _rivals(choice, len(candidates), told.settings):
        (other,) = await see(told, [candidates[index]])
        if other.has_object and (told.settings.object_counts == "always" or not other.acts_worse_than(seen)):
            thing = told.prompt.triplet.object
            reason = f"picture {index} has the {thing}, which is not seen in picture {choice.index}"
            told.emit(PoseSelected(told.now, replace(choice, index=index, reason=reason)))
            seen = other
            break
    told.end_stage("analyse")
    return seen


def _rivals(choice: PoseChoice, count: int, settings: Settings) -> Iterator[int]:
    """Who may take the chosen candidate's place: first those of its pose, then perhaps the others."""
    others = [index for index in range(count) if index != choice.index]
    poses = choice.poses or ("",) * count
    if settings.object_counts != "never":
        yield from (index for index in others if poses[index] == poses[choice.index])
    if settings.object_counts == "always":
        yield from (index for index in others if poses[index] != poses[choice.index])


async def see(told: Telling, pictures: Sequence[Candidate]) -> list[Seen]:
    """What the analyst sees in pictures, and the judge where there is one."""
    looks = await together(told.cast.analyst.look(one) for one in pictures)
    verdicts = await told.judge([one.image for one in pictures])
    return [Seen(*parts) for parts in zip(pictures, looks, verdicts, strict=True)]


async def lay_out(told: Telling, seen: Seen) -> Box | None:
    """The object's box: the caller's, else the layout agent's; None where neither gives one."""
    if told.request.box is not None:
        told.emit(LayoutProposed(told.now, told.request.box, None))
        return told.request.box
    if told.reasoner is None:
        return None
    box: Box | None = None
    try:
        layout = await told.reasoner.lay_out(told.prompt, seen.candidate.image, seen.look)
        told.emit(LayoutProposed(told.now, layout.object_box, layout))
        box = layout.object_box
    except ReasoningError as error:
        told.degrade("lay_out", error, "the candidate's own layout is kept")
    told.end_stage("lay_out")
    return box


async def correct(told: Telling, seen: Seen, box: Box | None, count: int = 1) -> None:
    """Draw what was seen again with the object in `box`, `count` times where corrections are judged.

    Nothing is drawn where that changes nothing, or where `count` is 0.
    """
    reason = _reason_to_keep(seen.look.object_box, box, told.settings)
    if box is None or reason or not count:
        await keep(told, seen, reason or "the budget of row-steps leaves no correction")
        return
    job = Job(told.prompt, seen.candidate.seed, told.drawing, box, seen.chosen.reference)
    if not told.judges or seen.verdict is None:
        await answer(told, await told.draw(job, None), "correct", is_corrected=True)
        return
    variety = told.settings.correction_variety if told.request.box is None else "seeds"
    jobs = varied(job, seen.look.object_box, count, variety)
    drawn = await together(_draw_correction(told, *one) for one in enumerate(jobs))
    told.end_stage("correct")
    await judge(told, seen, drawn, box)


async def _draw_correction(told: Telling, index: int, job: Job) -> Candidate:
    assert job.box is not None
    candidate = await told.draw(job, None, index)
    told.emit(CorrectionReady(told.now, index, job.box, candidate))
    return candidate


async def judge(told: Telling, seen: Seen, drawn: Sequence[Candidate], box: Box) -> None:
    """The best of the candidate and its corrections is the answer; the first one where the judge fails."""
    corrections = await see(told, drawn)
    verdicts = [one.verdict for one in (seen, *corrections) if one.verdict is not None]
    chosen = 1
    if len(verdicts) > len(drawn):
        chosen = best(seen, corrections, verdicts, box)
        reason = why(verdicts, chosen, ["the candidate", *(f"correction {i}" for i in range(len(drawn)))])
        told.emit(Judged(told.now, "corrections", tuple(verdicts), chosen, reason))
    told.end_stage("judge")
    if chosen == 0:
        await keep(told, seen, reason)
        return
    answered = corrections[chosen - 1]
    _tell_missing(told, answered)
    told.emit(ImageReady(told.now, answered.candidate.image, is_corrected=True))


async def answer(told: Telling, candidate: Candidate, stage: str, *, is_corrected: bool) -> None:
    """The picture is the answer, after a last look at it."""
    look = await told.cast.analyst.look(candidate)
    _tell_missing(told, Seen(candidate, look))
    told.show(candidate, stage, is_corrected=is_corrected)


async def keep(told: Telling, seen: Seen, reason: str, drawing: Drawing | None = None) -> None:
    """The candidate is the answer; one that stopped early, or whose picture is not here, is drawn first.

    `drawing` is how it was drawn, where that is not how the request's picture would be.
    """
    candidate = seen.candidate
    told.emit(LayoutKept(told.now, reason))
    _tell_missing(told, seen)
    if candidate.strands is None and candidate.image.size:
        told.emit(ImageReady(told.now, candidate.image, is_corrected=False))
        return
    strands = candidate.strands
    resume = None if strands is None else Resume(told.settings.candidate_steps, strands)
    job = Job(told.prompt, candidate.seed, drawing or told.drawing, resume=resume)
    told.show(await told.draw(job, None), "finish", is_corrected=False)


def _tell_missing(told: Telling, seen: Seen) -> None:
    """A picture in which the last look found no object is not kept silently."""
    if not seen.has_object:
        thing = told.prompt.triplet.object
        told.emit(
            Degraded(told.now, "look", f"no {thing} was found in the picture: another seed may have it")
        )


def _reason_to_keep(before: Box | None, after: Box | None, settings: Settings) -> str:
    if after is None:
        return "no other layout was proposed"
    if before is None or needs_correction(before, after, iou=settings.keep_iou, shift=settings.keep_shift):
        return ""
    return f"the proposed box is the current one (IoU {before.iou(after):.2f})"
