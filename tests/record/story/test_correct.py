"""The story entered at its correction: from a chosen candidate, with a caller's box."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from record.errors import InputError
from record.geometry import Box
from record.job import Job
from record.reading.prompt import Prompt, parse
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Chosen, Request
from record.story.events import Event, Stepped
from record.story.run import Run
from record.types import NO_PICTURE, Layout, Look, Picture, PoseChoice
from tests.record.fakes import SEEN, FakeAnalyst, FakeDiffusion, FakeReasoner

PROMPT = parse("a woman is kicking a ball")
ELSEWHERE = Box(0.5, 0.1, 0.9, 0.4)


class Asleep(FakeReasoner):
    """Must not be asked."""

    async def select(self, prompt: Prompt, images: Sequence[Picture]) -> PoseChoice:
        raise AssertionError("the pose agent was asked")

    async def lay_out(self, prompt: Prompt, image: Picture, look: Look) -> Layout:
        raise AssertionError("the layout agent was asked")


def first(settings: Settings, box: Box | None = None) -> tuple[Run, list[Job]]:
    diffusion = FakeDiffusion()
    cast = Cast(diffusion, FakeAnalyst(), FakeReasoner())
    return asyncio.run(collect(Request(PROMPT, settings, box), cast)), diffusion.jobs


def again(
    chosen: Chosen, box: Box | None, settings: Settings, told: list[Event] | None = None
) -> tuple[Run, list[Job]]:
    diffusion = FakeDiffusion()
    request, cast = Request(PROMPT, settings, box), Cast(diffusion, FakeAnalyst(), Asleep())
    on_event = (told if told is not None else list[Event]()).append
    return asyncio.run(collect(request, cast, on_event, chosen=chosen)), diffusion.jobs


def names(run: Run) -> list[str]:
    return [event.name for event in run.events if event.name != "stage.timed"]


def test_it_draws_once_and_asks_nobody() -> None:
    settings = Settings(seed=10, candidates=3)
    run, jobs = first(settings)
    told: list[Event] = []
    version, again_jobs = again(run.chosen, ELSEWHERE, settings, told)
    assert again_jobs == [replace(jobs[-1], box=ELSEWHERE)]
    assert names(version) == ["candidate.ready", "candidate.analysed", "layout.proposed", "image.ready"]
    assert list(version.timings) == ["correct"] and any(isinstance(event, Stepped) for event in told)
    said = version.to_json()
    assert (said["object_box_after"], said["corrected"]) == (ELSEWHERE.to_list(), True)
    assert said["object_box_before"] == run.to_json()["object_box_before"]


def test_the_same_box_draws_the_same_job_as_the_whole_story() -> None:
    settings = Settings(seed=10, candidates=3)
    run, jobs = first(settings)
    _, (job,) = again(run.chosen, jobs[-1].box, settings)
    assert job == jobs[-1]


def test_a_corrected_run_can_be_corrected_again() -> None:
    run, _ = first(Settings(candidates=3))
    version, _ = again(run.chosen, ELSEWHERE, run.settings)
    third, (job,) = again(version.chosen, Box(0, 0, 0.2, 0.2), run.settings)
    assert job.seed == run.chosen.candidate.seed and job.reference == run.chosen.reference
    assert third.to_json()["corrected"]


def test_a_box_that_changes_nothing_costs_nothing() -> None:
    run, _ = first(Settings(candidates=3))
    version, jobs = again(run.chosen, SEEN, run.settings)
    assert not jobs and names(version)[-2:] == ["layout.kept", "image.ready"]
    assert np.array_equal(np.asarray(version.image), run.chosen.candidate.image)


def test_a_kept_candidate_whose_picture_is_not_here_is_drawn() -> None:
    run, _ = first(Settings(candidates=3))
    bare = replace(run.chosen, candidate=replace(run.chosen.candidate, image=NO_PICTURE))
    version, (job,) = again(bare, SEEN, run.settings)
    assert (job.seed, job.box) == (run.chosen.candidate.seed, None)
    assert np.array_equal(np.asarray(version.image), run.chosen.candidate.image)


def test_a_switched_off_correction_is_drawn_where_it_is_asked_for() -> None:
    run, _ = first(Settings(candidates=3))
    version, _ = again(run.chosen, ELSEWHERE, Settings(candidates=3, correction=False))
    assert version.to_json()["corrected"]


def test_a_method_that_places_the_object_places_it_anew() -> None:
    run, jobs = first(Settings(method="boxdiff"))
    version, again_jobs = again(run.chosen, ELSEWHERE, run.settings)
    assert again_jobs == [replace(jobs[-1], box=ELSEWHERE)]
    assert list(version.timings) == ["draw"]


def test_what_cannot_be_corrected_is_refused() -> None:
    run, _ = first(Settings(candidates=3))
    with pytest.raises(InputError, match="needs the object's box") as caught:
        again(run.chosen, None, run.settings)
    assert caught.value.param == "box"
    with pytest.raises(InputError, match="'plain' places no object") as caught:
        again(run.chosen, ELSEWHERE, Settings(method="plain"))
    assert caught.value.param == "method"


def test_a_run_in_which_nothing_was_looked_at_has_no_choice() -> None:
    run, _ = first(Settings(method="plain"))
    with pytest.raises(LookupError, match=r"no candidate\.analysed"):
        _ = run.chosen
