"""Best of N: whole stories from seeds of their own."""

import asyncio
from typing import Any

import numpy as np
import pytest

from record.reading.prompt import parse
from record.settings import Settings
from record.story import collect, cost
from record.story.best import seeded
from record.story.cast import Cast, Request
from record.story.events import Degraded, Event, Judged, Stepped
from record.story.run import Run
from record.traits import traits_of
from tests.record.fakes import RIGHT, WRONG, FakeAnalyst, FakeDiffusion, FakeJudge, FakeReasoner

PROMPT = parse("a woman is kicking a ball")


def told(reasoner: FakeReasoner, diffusion: FakeDiffusion, **settings: Any) -> tuple[Run, list[Event]]:
    events: list[Event] = []
    chosen = Settings.build({"seed": 10, "candidates": 2, **settings})
    cast = Cast(diffusion, FakeAnalyst(), reasoner)
    return asyncio.run(collect(Request(PROMPT, chosen), cast, events.append)), events


def grey(run: Run) -> int:
    return int(np.asarray(run.image)[0, 0, 0])


def test_the_best_of_plain_pictures_is_the_answer() -> None:
    diffusion, reasoner = FakeDiffusion(), FakeJudge({14: RIGHT}, otherwise=WRONG)
    run, events = told(reasoner, diffusion, method="plain", best_of=3)
    assert [job.seed for job in diffusion.jobs] == [10, 12, 14] and grey(run) == 14
    assert [e.name for e in run.events if e.name != "stage.timed"] == [
        "candidate.ready", "judged", "image.ready",
    ]  # fmt: skip
    judged = run.find(Judged)
    assert judged is not None and (judged.of, judged.chosen) == ("stories", 2)
    assert reasoner.judged == [[10, 12, 14]]
    assert {e.index for e in events if isinstance(e, Stepped)} == {0, 2, 4}


def test_a_method_that_places_the_object_tells_each_story_whole() -> None:
    diffusion = FakeDiffusion()
    run, _ = told(FakeJudge({13: RIGHT}, otherwise=WRONG), diffusion, method="boxdiff", best_of=2)
    assert sorted((job.seed, job.drawing.method) for job in diffusion.jobs) == [
        (10, "boxdiff"), (10, "plain"), (12, "boxdiff"), (12, "plain"),
    ]  # fmt: skip
    assert grey(run) == 13 and run.chosen.candidate.seed == 12


def test_of_equals_the_first_seeds_wins() -> None:
    assert grey(told(FakeJudge(), FakeDiffusion(), method="plain", best_of=3)[0]) == 10


def test_a_failing_judge_leaves_the_first_seeds_picture() -> None:
    run, _ = told(FakeJudge(failing_from=0), FakeDiffusion(), method="plain", best_of=3)
    assert grey(run) == 10 and [e.stage for e in run.events if isinstance(e, Degraded)] == ["judge"]


def test_without_a_judge_one_picture_is_drawn_and_said_to_be_one() -> None:
    diffusion = FakeDiffusion()
    run, _ = told(FakeReasoner(), diffusion, method="plain", best_of=3)
    assert len(diffusion.jobs) == 1
    assert [e.stage for e in run.events if isinstance(e, Degraded)] == ["judge"]


@pytest.mark.parametrize("method", ["plain", "boxdiff"])
def test_the_budget_bounds_the_number_of_stories(method: str) -> None:
    one = cost.row_steps(Settings(method=method), traits_of(method))
    diffusion = FakeDiffusion()
    told(FakeJudge(), diffusion, method=method, best_of=8, row_steps=3 * one + 1)
    assert len({job.seed for job in diffusion.jobs}) == 3


def test_pictures_of_one_request_share_no_noise() -> None:
    settings = Settings(seed=3, candidates=4, best_of=2)
    seeds = [first.seed for first in seeded(settings, 3)]
    assert seeds == [3, 11, 19]
