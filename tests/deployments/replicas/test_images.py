"""The proxy against a real HTTP server that speaks OpenAI's images API."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from contextlib import aclosing, nullcontext
from typing import Any

import httpx2
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from openai import AsyncOpenAI

from deployments.config import ImagesArgs
from deployments.edge.handles import RemoteDiffusion
from deployments.replicas import images
from deployments.replicas.images import ImagesProxy
from record.errors import InputError, UpstreamError
from record.job import Job
from record.pictures import codec
from record.reading.prompt import parse
from record.settings import Drawing
from record.types import Candidate
from tests.deployments.edge.fakes import FakeHandle

PICTURE = np.full((6, 10, 3), 77, np.uint8)
JOB = Job(parse("a woman is kicking a ball"), 3, Drawing(method="images_api"))


class Elsewhere:
    """Another service: answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.hangs_up = False
        self.status, self.body = 200, {"created": 0, "data": [{"b64_json": codec.encode(PICTURE)}]}

    async def generate(self, request: web.Request) -> web.Response:
        """POST /v1/images/generations."""
        self.asked.append(await request.json())
        if self.hangs_up:
            assert request.transport is not None
            request.transport.abort()
        self.keys.append(request.headers["Authorization"])
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def elsewhere() -> AsyncIterator[tuple[Elsewhere, str]]:
    """The service, and its address on a free port."""
    service, app = Elsewhere(), web.Application()
    app.router.add_post("/v1/images/generations", service.generate)
    async with TestServer(app) as server:
        yield service, str(server.make_url("/v1"))


async def asked(args: ImagesArgs) -> Candidate:
    """What the proxy answers to JOB."""
    async with aclosing(ImagesProxy(args)) as proxy:
        (candidate,) = [part async for part in proxy.draw(JOB)]
    assert isinstance(candidate, Candidate)
    return candidate


async def test_a_picture_comes_as_it_is(
    elsewhere: tuple[Elsewhere, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, address = elsewhere
    monkeypatch.setenv("SOME_KEY", "secret")
    args = ImagesArgs(model="some-model", base_url=address, api_key_env="SOME_KEY", size="1024x1024")
    candidate = await asked(args)
    assert (candidate.image == PICTURE).all() and candidate.image.shape == (6, 10, 3)
    assert candidate.object_map is None and candidate.seed == 3
    sent = {"model": "some-model", "prompt": "a woman is kicking a ball", "n": 1, "size": "1024x1024"}
    assert service.asked == [sent] and service.keys == ["Bearer secret"]


async def test_its_refusal_is_told_in_its_own_words(elsewhere: tuple[Elsewhere, str]) -> None:
    service, address = elsewhere
    service.status = 400
    service.body = {
        "error": {"message": "our safety system says no", "code": "policy", "type": "x", "param": None}
    }
    with pytest.raises(UpstreamError, match=r"\(some-model\) gave no picture: our safety system says no"):
        await asked(ImagesArgs(model="some-model", base_url=address))


async def test_its_refusal_does_not_repeat_our_key(
    elsewhere: tuple[Elsewhere, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, address = elsewhere
    monkeypatch.setenv("SOME_KEY", "sk-canary-1")
    service.status = 401
    service.body = {"error": {"message": "sk-canary-1 is no key of ours", "code": "x"}}
    with pytest.raises(UpstreamError, match=r"\[key\] is no key of ours") as refused:
        await asked(ImagesArgs(model="some-model", base_url=address, api_key_env="SOME_KEY"))
    shown = "".join(traceback.format_exception(refused.value))
    assert "canary" not in shown, "the log of an error shows its causes as well"


@pytest.mark.parametrize(
    ("entry", "says"),
    [({"url": "http://127.0.0.1/x.png"}, "response_format"), ({"b64_json": "aGVsbG8="}, "not a picture")],
)
async def test_an_answer_without_a_picture_is_named(
    elsewhere: tuple[Elsewhere, str], entry: dict[str, str], says: str
) -> None:
    service, address = elsewhere
    service.body = {"created": 0, "data": [entry]}
    with pytest.raises(UpstreamError, match=says):
        await asked(ImagesArgs(model="some-model", base_url=address))


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_what_was_sent_is_not_sent_again(elsewhere: tuple[Elsewhere, str], status: int) -> None:
    service, address = elsewhere
    service.status = status
    with pytest.raises(UpstreamError):
        await asked(ImagesArgs(model="some-model", base_url=address))
    assert len(service.asked) == 1


async def test_a_connection_lost_after_sending_orders_nothing_twice(elsewhere: tuple[Elsewhere, str]) -> None:
    service, address = elsewhere
    service.hangs_up = True
    with pytest.raises(UpstreamError):
        await asked(ImagesArgs(model="some-model", base_url=address))
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("failure", "tries"),
    [
        (httpx2.ConnectError("refused"), 2),
        (httpx2.ConnectTimeout("no connection"), 2),
        (httpx2.ReadTimeout("no answer"), 1),
        (httpx2.RemoteProtocolError("cut off"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_only_what_never_left_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, tries: int
) -> None:
    monkeypatch.setattr(images, "FIRST_PAUSE_S", 0.0)
    sent = list[httpx2.Request]()

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        if len(sent) == 1:
            raise failure
        return httpx2.Response(200, json={"created": 0, "data": [{"b64_json": codec.encode(PICTURE)}]})

    transport = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    client = AsyncOpenAI(base_url="http://127.0.0.1:1/v1", api_key="k", max_retries=0, http_client=transport)
    async with aclosing(
        ImagesProxy(ImagesArgs(model="m", base_url="http://127.0.0.1:1/v1"), client)
    ) as proxy:
        with nullcontext() if tries == 2 else pytest.raises(UpstreamError):
            _ = [part async for part in proxy.draw(JOB)]
    assert len(sent) == tries


async def test_one_that_is_not_there_is_tried_again_and_then_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = list[float]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(images, "pause", pause)
    with pytest.raises(UpstreamError, match=r"\(m\) gave no picture"):
        await asked(ImagesArgs(model="m", base_url="http://127.0.0.1:1/v1"))
    assert len(pauses) == images.TRIES - 1


async def drawn(diffusion: RemoteDiffusion, job: Job) -> Candidate:
    """What comes at the end of a drawing."""
    *_, last = [part async for part in diffusion.draw(job, 60.0)]
    assert isinstance(last, Candidate)
    return last


async def test_jobs_go_where_their_method_is_drawn() -> None:
    here, there = Candidate(0, PICTURE), Candidate(1, PICTURE)
    diffusion = RemoteDiffusion(FakeHandle([here]), FakeHandle([there]), retries=0)
    assert await drawn(diffusion, JOB) is there
    assert await drawn(diffusion, Job(JOB.prompt, 0, Drawing(method="plain"))) is here


async def test_without_an_images_api_the_remedy_is_named() -> None:
    diffusion = RemoteDiffusion(FakeHandle(), None, retries=0)
    with pytest.raises(InputError, match="add an images section") as refused:
        await drawn(diffusion, JOB)
    assert refused.value.param == "method"
