"""Looking again: several corrections, the judge, and that nothing is made worse by correcting."""

import asyncio
from typing import Any

import numpy as np
import pytest

from record.errors import ReasoningError
from record.geometry import Box
from record.reading.prompt import parse
from record.settings import Settings
from record.story import collect, cost
from record.story.cast import Cast, Request
from record.story.events import CorrectionReady, Degraded, Judged, LayoutKept, PoseSelected
from record.story.run import Run
from record.traits import traits_of
from record.types import Verdict
from tests.record.fakes import (
    RIGHT,
    SEEN,
    WANTED,
    WITHOUT,
    WRONG,
    FakeAnalyst,
    FakeDiffusion,
    FakeJudge,
    FakeReasoner,
)

PROMPT = parse("a woman is kicking a ball")
BROKEN = Verdict(True, True, False, "kicking")
CANDIDATE, CORRECTED = 11, 12
"""Greys of the chosen candidate (seed 11) and of its first correction."""


def told(
    reasoner: FakeReasoner,
    analyst: FakeAnalyst | None = None,
    diffusion: FakeDiffusion | None = None,
    box: Box | None = None,
    **settings: Any,
) -> Run:
    chosen = Settings.build({"seed": 10, "candidates": 2, "steps": 10, **settings})
    cast = Cast(diffusion or FakeDiffusion(), analyst or FakeAnalyst(), reasoner)
    return asyncio.run(collect(Request(PROMPT, chosen, box), cast))


def names(run: Run) -> list[str]:
    return [event.name for event in run.events if event.name != "stage.timed"]


def judged(run: Run) -> Judged:
    found = run.find(Judged)
    assert found is not None
    return found


def grey(run: Run) -> int:
    return int(np.asarray(run.image)[0, 0, 0])


def lost(run: Run) -> list[str]:
    return [event.stage for event in run.events if isinstance(event, Degraded)]


def test_the_whole_story_with_a_judge() -> None:
    reasoner = FakeJudge()
    run = told(reasoner, corrections=2)
    assert names(run) == [
        *["candidate.ready"] * 2, "pose.selected", "candidate.analysed", "layout.proposed",
        *["correction.ready"] * 2, "judged", "image.ready",
    ]  # fmt: skip
    assert list(run.timings) == ["propose", "select", "analyse", "lay_out", "correct", "judge"]
    assert reasoner.judged == [[CANDIDATE], [CORRECTED] * 2], "the candidate's verdict is not asked twice"
    said = run.to_json()
    assert said["corrected"] and said["judged"]["verdicts"] == [dict(RIGHT.__dict__)] * 3
    assert [one.seed for one in run.corrections] == [11, 11]


@pytest.mark.parametrize("candidate", [RIGHT, BROKEN, WITHOUT])
def test_a_candidate_better_than_its_corrections_is_the_answer(candidate: Verdict) -> None:
    run = told(FakeJudge({CANDIDATE: candidate}, otherwise=WRONG), corrections=3)
    assert grey(run) == CANDIDATE and not run.to_json()["corrected"]
    kept = run.find(LayoutKept)
    assert kept is not None and kept.reason.startswith("the candidate is the best: action right")
    assert judged(run).chosen == 0
    lacks = ["degraded"] if candidate is WITHOUT else []
    assert names(run)[-3 - len(lacks) :] == ["judged", "layout.kept", *lacks, "image.ready"]


def test_a_kept_candidate_that_stopped_early_is_finished() -> None:
    diffusion = FakeDiffusion()
    run = told(FakeJudge({CANDIDATE: RIGHT}, otherwise=WRONG), diffusion=diffusion, candidate_steps=4)
    resume = diffusion.jobs[-1].resume
    assert resume is not None and resume.step == 4 and diffusion.jobs[-1].box is None
    assert list(run.timings)[-2:] == ["judge", "finish"] and grey(run) == CANDIDATE


def test_a_better_correction_is_the_answer() -> None:
    run = told(FakeJudge({CANDIDATE: WRONG}))
    assert grey(run) == CORRECTED and "action right" in judged(run).reason


def test_equal_verdicts_go_by_the_found_box_then_to_the_correction() -> None:
    assert grey(told(FakeJudge())) == CORRECTED, "equal in all"
    missed = FakeAnalyst(by_grey={CANDIDATE: Box(0.6, 0.6, 0.8, 0.7), CORRECTED: SEEN})
    assert grey(told(FakeJudge(), missed)) == CANDIDATE, "the correction missed its own aim"
    hit = FakeAnalyst(by_grey={CORRECTED: WANTED})
    assert grey(told(FakeJudge(), hit)) == CORRECTED


def test_the_first_of_equal_corrections_is_taken() -> None:
    assert judged(told(FakeJudge(otherwise=WRONG), corrections=4)).chosen == 1


def test_corrections_are_drawn_in_other_boxes_or_of_other_noise() -> None:
    for variety in ("boxes", "found_box", "seeds"):
        diffusion = FakeDiffusion()
        run = told(FakeJudge(), diffusion=diffusion, corrections=3, correction_variety=variety)
        jobs = diffusion.jobs[2:]
        assert (jobs[0].seed, jobs[0].box) == (11, WANTED)
        assert len(set(jobs)) == 3 and len({job.reference for job in jobs}) == 1
        assert len({job.seed for job in jobs}) == (3 if variety == "seeds" else 1)
        assert (SEEN in {job.box for job in jobs}) == (variety == "found_box")
        assert [e.box for e in run.events if isinstance(e, CorrectionReady)] == [job.box for job in jobs]


def test_the_callers_box_is_never_varied() -> None:
    diffusion, box = FakeDiffusion(), Box(0, 0, 0.2, 0.2)
    told(FakeJudge(), diffusion=diffusion, corrections=3, box=box)
    assert [job.box for job in diffusion.jobs[2:]] == [box] * 3


@pytest.mark.parametrize("failing_from", [0, 1], ids=["the candidate's", "the corrections'"])
def test_a_failing_judge_costs_the_choice_and_not_the_correction(failing_from: int) -> None:
    run = told(FakeJudge(otherwise=WRONG, failing_from=failing_from), corrections=2)
    assert lost(run) == ["judge"] and run.find(Judged) is None
    assert grey(run) == CORRECTED and run.to_json()["corrected"]
    assert len(run.corrections) == 2 * failing_from


@pytest.mark.parametrize("failing_from", [0, 1])
def test_strict_passes_the_judges_failure_on(failing_from: int) -> None:
    with pytest.raises(ReasoningError, match="no verdict"):
        told(FakeJudge(failing_from=failing_from), strict=True)


def test_who_cannot_judge_is_not_asked_and_nothing_is_said_of_it() -> None:
    run = told(FakeReasoner())
    assert not lost(run) and run.find(Judged) is None and run.to_json()["judged"] is None
    reasoner = FakeJudge()
    told(reasoner, look_again=False)
    assert not reasoner.judged


def test_more_corrections_than_can_be_judged_are_not_drawn_silently() -> None:
    diffusion = FakeDiffusion()
    run = told(FakeReasoner(), diffusion=diffusion, corrections=3)
    assert len(diffusion.jobs) == 3 and lost(run) == ["judge"]


def test_the_budget_bounds_what_is_drawn() -> None:
    asked = Settings(seed=10, candidates=2, steps=10, corrections=4)
    whole = cost.row_steps(asked, traits_of("record"))
    one = cost.trajectory(asked, box=True)
    for budget, candidates, corrections in (
        (whole, 2, 4), (whole - 1, 2, 3), (whole - 2 * one - 1, 2, 1), (whole - 3 * one - 1, 1, 1),
    ):  # fmt: skip
        diffusion = FakeDiffusion()
        told(FakeJudge(index=0), diffusion=diffusion, corrections=4, row_steps=budget)
        boxes = [job.box for job in diffusion.jobs]
        assert (boxes.count(None), sum(box is not None for box in boxes)) == (candidates, corrections)


def test_a_budget_without_room_for_a_correction_keeps_the_candidate() -> None:
    run = told(FakeJudge(index=0), row_steps=cost.trajectory(Settings(steps=10)))
    kept = run.find(LayoutKept)
    assert kept is not None and "budget" in kept.reason and len(run.candidates) == 1


class TestObjectPresence:
    """A candidate without the object loses against one of the same pose that has it."""

    LACKING = FakeAnalyst(by_grey={CANDIDATE: None})

    @pytest.mark.parametrize(
        ("counts", "poses", "chosen"),
        [
            ("never", ("kicking", "kicking"), 1),
            ("among_equals", ("kicking", "kicking"), 0),
            ("among_equals", ("standing", "kicking"), 1),
            ("always", ("standing", "kicking"), 0),
        ],
    )
    def test_by_its_map(self, counts: str, poses: tuple[str, ...], chosen: int) -> None:
        reasoner = FakeJudge(poses=poses)
        run = told(reasoner, self.LACKING, look_again=False, object_counts=counts)
        choice = run.find(PoseSelected)
        assert choice is not None and choice.choice.index == run.to_json()["chosen"] == chosen
        assert run.chosen.candidate.seed == 10 + chosen
        assert ("has the ball" in choice.choice.reason) == (chosen == 0)

    def test_by_the_models_word(self) -> None:
        run = told(FakeJudge({CANDIDATE: WITHOUT}))
        assert run.to_json()["chosen"] == 0

    def test_never_against_one_whose_action_is_wrong(self) -> None:
        assert told(FakeJudge({CANDIDATE: WITHOUT}, otherwise=WRONG)).to_json()["chosen"] == 1

    def test_without_an_agent_too(self) -> None:
        analyst = FakeAnalyst(by_grey={10: None})
        run = asyncio.run(
            collect(Request(PROMPT, Settings(seed=10, candidates=2)), Cast(FakeDiffusion(), analyst))
        )
        assert run.to_json()["chosen"] == 1 and grey(run) == 11

    def test_where_it_is_seen_the_others_are_not_looked_at(self) -> None:
        analyst = FakeAnalyst()
        told(FakeReasoner(), analyst, candidates=3)
        assert analyst.looked == [CANDIDATE, CORRECTED]

    @pytest.mark.parametrize("settings", [{}, {"correction": False}, {"keep_iou": 0, "keep_shift": 1}])
    def test_a_picture_without_its_object_is_not_kept_silently(self, settings: dict[str, Any]) -> None:
        run = told(FakeReasoner(), FakeAnalyst(None), **settings)
        assert lost(run) == ["look"] and "no ball was found" in run.to_json()["degraded"][0]["reason"]

    def test_nor_one_in_which_the_model_sees_none(self) -> None:
        assert lost(told(FakeJudge(otherwise=WITHOUT))) == ["look"]

    def test_a_correction_that_brings_it_is_whole(self) -> None:
        assert not lost(told(FakeReasoner(), FakeAnalyst(None, {CORRECTED: WANTED})))

    def test_it_is_no_failure_in_strict_requests(self) -> None:
        assert lost(told(FakeReasoner(), FakeAnalyst(None), strict=True)) == ["look"]


class Endless(FakeDiffusion):
    """Corrections never end, but for the failing one; remembers which were ended."""

    def __init__(self, failing: bool) -> None:
        super().__init__()
        self.fails, self.ended, self.begun = failing, 0, asyncio.Event()

    async def draw(self, job: Any, within_s: float, *, previews: bool = False) -> Any:
        if job.box is None:
            async for part in super().draw(job, within_s, previews=previews):
                yield part
            return
        self.jobs.append(job)
        if len(self.jobs) == 5:
            self.begun.set()
            if self.fails:
                raise RuntimeError("lost")
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1


async def test_the_first_lost_correction_ends_the_others() -> None:
    diffusion = Endless(failing=True)
    request = Request(PROMPT, Settings(seed=10, candidates=2, corrections=3))
    with pytest.raises(RuntimeError, match="lost"):
        await collect(request, Cast(diffusion, FakeAnalyst(), FakeJudge()))
    assert diffusion.ended == 2


async def test_a_request_that_goes_away_ends_its_corrections() -> None:
    diffusion = Endless(failing=False)
    request = Request(PROMPT, Settings(seed=10, candidates=2, corrections=3))
    playing = asyncio.create_task(collect(request, Cast(diffusion, FakeAnalyst(), FakeJudge())))
    await diffusion.begun.wait()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert diffusion.ended == 3
