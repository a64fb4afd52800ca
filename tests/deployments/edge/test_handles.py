from __future__ import annotations

import asyncio

import numpy as np
import pytest
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError

from deployments.edge.handles import RemoteAnalyst, RemoteChat, RemoteDiffusion
from deployments.playing import calls
from record.errors import AwayError, EngineStoppedError
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing
from record.types import Candidate, Look, Progress
from tests.deployments.edge.fakes import HANGS, FakeHandle

JOB = Job(parse("a woman is kicking a ball"), 3, Drawing(method="plain"))
CANDIDATE = Candidate(3, np.zeros((2, 2, 3), np.uint8))
PREVIEW = np.zeros((1, 1, 3), np.uint8)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE_S", 0.0)


@pytest.mark.parametrize("previews", [True, False])
async def test_progress_is_passed_on_up_to_the_candidate(previews: bool) -> None:
    parts = [Progress(1, 3), Progress(2, 3, PREVIEW), CANDIDATE]
    handle = FakeHandle(parts)
    drawing = RemoteDiffusion(handle, None, retries=0).draw(JOB, 60.0, previews=previews)
    assert [part async for part in drawing] == parts
    ((job, left_s, asked),) = handle.given
    assert job is JOB and 0 < left_s <= 60 and asked is previews


async def test_who_asks_what_is_served_does_not_wait_for_ever() -> None:
    handle = FakeHandle(HANGS)
    with pytest.raises(EngineStoppedError, match=r"no replica that draws answered within 0.01 s"):
        await RemoteDiffusion(handle, None, retries=3, wakes_s=0.01).describe()
    assert handle.responses[0].is_cancelled


async def test_a_lost_draw_begins_again() -> None:
    handle = FakeHandle([Progress(2, 3), RayActorError()], [Progress(1, 3), CANDIDATE])
    drawing = RemoteDiffusion(handle, None, retries=1).draw(JOB, 60.0)
    assert [part async for part in drawing] == [Progress(2, 3), Progress(1, 3), CANDIDATE]


async def test_a_lost_order_of_a_picture_that_costs_money_is_not_repeated() -> None:
    images = FakeHandle([RayActorError()], [CANDIDATE])
    job = Job(JOB.prompt, 3, Drawing(method="images_api"))
    with pytest.raises(RayActorError):
        _ = [part async for part in RemoteDiffusion(FakeHandle(), images, retries=3).draw(job, 60.0)]
    assert images.calls == 1


async def test_a_look_is_sent_no_latents() -> None:
    seen = Look(None, None, None, None)
    thing, subject, verb = np.zeros((3, 4, 4), np.float32)
    candidate = Candidate(3, CANDIDATE.image, thing, subject, verb, np.zeros((1, 4, 2, 2), np.float32))
    handle = FakeHandle(seen)
    assert await RemoteAnalyst(handle, retries=0).look(candidate) is seen
    ((sent,),) = handle.given
    assert sent.image is candidate.image
    assert sent.object_map is candidate.object_map and sent.subject_map is candidate.subject_map
    assert sent.strands is None and sent.verb_map is None


@pytest.mark.parametrize(
    "outcome",
    [RayActorError(), BackPressureError(9, 8, 429, 2), HANGS],
    ids=["stopped", "full", "hung or starting"],
)
async def test_a_language_model_that_cannot_answer_is_away(outcome: object) -> None:
    handle = FakeHandle(outcome, outcome)
    with pytest.raises(AwayError):
        await RemoteChat(handle, retries=1, budget_s=0.05).chat_json({})


async def test_whoever_leaves_stops_the_language_model() -> None:
    handle = FakeHandle(HANGS)
    task = asyncio.create_task(RemoteChat(handle, retries=1, budget_s=60).chat_json({}))
    await handle.responses[0].begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert handle.responses[0].is_cancelled
