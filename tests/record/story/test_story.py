import asyncio

import numpy as np
import pytest

from record.errors import AwayError, InputError, ReasoningError
from record.geometry import Box
from record.reading.prompt import parse
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Request
from record.story.events import Degraded, Event, ImageReady, LayoutKept, Stepped
from record.story.run import Run
from tests.record.fakes import FakeAnalyst, FakeDiffusion, FakeJudge, FakeReasoner

PROMPT = parse("a woman is kicking a ball")


def collected(request: Request, cast: Cast) -> Run:
    return asyncio.run(collect(request, cast))


def names(run: Run) -> list[str]:
    return [event.name for event in run.events if event.name != "stage.timed"]


def test_a_full_request_tells_the_whole_story() -> None:
    diffusion = FakeDiffusion()
    request = Request(PROMPT, Settings(seed=10, candidates=3))
    run = collected(request, Cast(diffusion, FakeAnalyst(), FakeReasoner(index=2)))
    assert names(run) == [
        *["candidate.ready"] * 3, "pose.selected", "candidate.analysed", "layout.proposed", "image.ready",
    ]  # fmt: skip
    assert list(run.timings) == ["propose", "select", "analyse", "lay_out", "correct"]
    assert [(job.seed, job.box) for job in diffusion.jobs[:3]] == [(10, None), (11, None), (12, None)]
    assert (diffusion.jobs[3].seed, diffusion.jobs[3].box) == (12, Box(0.6, 0.6, 0.8, 0.8))
    told = run.to_json()
    assert (told["chosen"], told["corrected"]) == (2, True)
    assert (told["object_box_before"], told["object_box_after"]) == (
        [0.1, 0.1, 0.3, 0.3],
        [0.6, 0.6, 0.8, 0.8],
    )


def test_an_unchanged_layout_costs_no_correction() -> None:
    diffusion = FakeDiffusion()
    cast = Cast(diffusion, FakeAnalyst(), FakeReasoner(box=Box(0.1, 0.1, 0.31, 0.3)))
    run = collected(Request(PROMPT, Settings(candidates=2)), cast)
    assert len(diffusion.jobs) == 2
    assert "layout.kept" in names(run)
    assert np.asarray(run.image)[0, 0, 0] == 1


def test_a_failing_reasoner_costs_the_correction_and_not_the_picture() -> None:
    cast = Cast(FakeDiffusion(), FakeAnalyst(), FakeReasoner(failing=True))
    run = collected(Request(PROMPT, Settings(candidates=2)), cast)
    assert [e.stage for e in run.events if isinstance(e, Degraded)] == ["select", "lay_out"]
    assert any(isinstance(e, LayoutKept) for e in run.events)
    assert isinstance(run.events[-1], ImageReady)


def test_strict_passes_the_reasoners_failure_on() -> None:
    cast = Cast(FakeDiffusion(), FakeAnalyst(), FakeReasoner(failing=True))
    with pytest.raises(ReasoningError, match="no answer"):
        collected(Request(PROMPT, Settings(candidates=2, strict=True)), cast)


def test_the_callers_box_needs_no_layout_agent() -> None:
    diffusion = FakeDiffusion()
    request = Request(PROMPT, Settings(candidates=1), Box(0, 0, 0.2, 0.2))
    run = collected(request, Cast(diffusion, FakeAnalyst(None)))
    assert diffusion.jobs[-1].box == Box(0, 0, 0.2, 0.2)
    assert run.to_json()["corrected"] is True


def test_plain_draws_once() -> None:
    diffusion = FakeDiffusion()
    run = collected(Request(PROMPT, Settings(method="plain")), Cast(diffusion, FakeAnalyst()))
    assert len(diffusion.jobs) == 1
    assert names(run) == ["candidate.ready", "image.ready"]


def test_a_lost_candidate_ends_the_request_with_its_error() -> None:
    cast = Cast(FakeDiffusion(failing=frozenset({1})), FakeAnalyst(), FakeReasoner())
    with pytest.raises(RuntimeError, match="seed 1"):
        collected(Request(PROMPT, Settings(candidates=3)), cast)


def test_a_run_without_picture_says_so() -> None:
    with pytest.raises(LookupError, match=r"no image\.ready"):
        _ = Run("run-1", PROMPT, Settings(), list[Event]()).image


def test_a_method_that_needs_a_box_asks_the_layout_agent() -> None:
    diffusion = FakeDiffusion()
    request = Request(PROMPT, Settings(method="boxdiff"))
    run = collected(request, Cast(diffusion, FakeAnalyst(), FakeReasoner()))
    draft, drawn = diffusion.jobs
    assert (draft.drawing.method, draft.box) == ("plain", None)
    assert (drawn.drawing.method, drawn.box) == ("boxdiff", Box(0.6, 0.6, 0.8, 0.8))
    assert drawn.reference.person_box == Box(0.3, 0.2, 0.6, 0.9)
    assert names(run) == ["candidate.ready", "candidate.analysed", "layout.proposed", "image.ready"]


def test_the_callers_box_spares_the_draft() -> None:
    diffusion = FakeDiffusion()
    request = Request(PROMPT, Settings(method="boxdiff"), Box(0, 0, 0.2, 0.2))
    run = collected(request, Cast(diffusion, FakeAnalyst()))
    assert [job.box for job in diffusion.jobs] == [Box(0, 0, 0.2, 0.2)]
    assert names(run) == ["layout.proposed", "image.ready"]


def test_a_box_that_nobody_gives_is_asked_for() -> None:
    with pytest.raises(InputError, match="needs the object's box: give box"):
        collected(Request(PROMPT, Settings(method="boxdiff")), Cast(FakeDiffusion(), FakeAnalyst()))


def test_without_correction_the_chosen_candidate_is_the_answer() -> None:
    diffusion = FakeDiffusion()
    request = Request(PROMPT, Settings(candidates=2, correction=False))
    run = collected(request, Cast(diffusion, FakeAnalyst(), FakeReasoner()))
    assert names(run) == [*["candidate.ready"] * 2, "pose.selected", "layout.kept", "image.ready"]
    assert len(diffusion.jobs) == 2


def test_a_kept_candidate_that_stopped_early_is_finished() -> None:
    diffusion = FakeDiffusion()
    settings = Settings(candidates=2, candidate_steps=5, correction=False)
    run = collected(Request(PROMPT, settings), Cast(diffusion, FakeAnalyst(), FakeReasoner()))
    assert [job.stop_after for job in diffusion.jobs] == [5, 5, None]
    resume = diffusion.jobs[-1].resume
    assert resume is not None
    assert resume.step == 5
    assert "finish" in run.timings


def test_progress_is_told_and_not_kept() -> None:
    told: list[Event] = []
    cast = Cast(FakeDiffusion(), FakeAnalyst(), FakeReasoner())
    run = asyncio.run(collect(Request(PROMPT, Settings(candidates=2)), cast, told.append))
    assert {event.index for event in told if isinstance(event, Stepped)} == {0, 1, None}
    assert [event for event in told if not isinstance(event, Stepped)] == run.events
    assert not any(isinstance(event, Stepped) for event in run.events)


def test_previews_come_with_the_steps_of_those_who_watch() -> None:
    told: list[Event] = []
    cast = Cast(FakeDiffusion(), FakeAnalyst(), FakeReasoner())
    for previews in (False, True):
        request = Request(PROMPT, Settings(candidates=2), previews=previews)
        run = asyncio.run(collect(request, cast, told.append))
        steps = [event for event in told if isinstance(event, Stepped)]
        shown = {name for event in steps for name in event.arrays()}
        wanted = {"candidates/0/preview", "candidates/1/preview", "corrections/0/preview"}
        assert shown == (wanted if previews else set())
        assert not any("preview" in event.to_json() for event in steps)
        assert not any(name.endswith("preview") for name in run.arrays())


def test_a_reasoner_that_is_away_is_waited_for_once() -> None:
    reasoner = FakeReasoner(away=True)
    run = collected(Request(PROMPT, Settings(candidates=2)), Cast(FakeDiffusion(), FakeAnalyst(), reasoner))
    assert reasoner.asked == ["select"]
    assert [event.stage for event in run.events if isinstance(event, Degraded)] == ["select"]
    assert isinstance(run.events[-1], ImageReady)


def test_whole_stories_tell_one_another_who_is_away() -> None:
    judge, settings = FakeJudge(away=True), Settings(candidates=2, best_of=2)
    run = collected(Request(PROMPT, settings), Cast(FakeDiffusion(), FakeAnalyst(), judge))
    assert judge.asked == ["select"] * 2 and judge.judged == []
    assert isinstance(run.events[-1], ImageReady)


def test_a_strict_request_fails_with_a_reasoner_that_is_away() -> None:
    cast = Cast(FakeDiffusion(), FakeAnalyst(), FakeReasoner(away=True))
    with pytest.raises(AwayError):
        collected(Request(PROMPT, Settings(candidates=2, strict=True)), cast)
