"""Streams over real sockets, read by the unmodified openai client."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from openai import APIError, OpenAI
from PIL import Image

from tests.deployments.fakes import Endless
from tests.record.fakes import FakeDiffusion

Live = Callable[..., str]
Client = Callable[[str], OpenAI]
KICK = "a man is kicking a ball"


@pytest.fixture
def openai_client() -> Iterator[Callable[[str], OpenAI]]:
    with ExitStack() as clients:

        def start(address: str) -> OpenAI:
            client = OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, timeout=60)
            return clients.enter_context(client)

        yield start


@pytest.mark.parametrize("partials", [0, 1, 2, 3])
def test_openais_client_reads_typed_events_to_the_end(
    live: Live, openai_client: Client, partials: int
) -> None:
    client = openai_client(live())
    stream = client.images.generate(prompt=KICK, stream=True, partial_images=partials, output_format="webp")
    *before, last = list(stream)
    assert [event.type for event in before] == ["image_generation.partial_image"] * min(partials, 2)
    assert [getattr(event, "partial_image_index", None) for event in before] == list(range(len(before)))
    assert last.type == "image_generation.completed" and last.size == "8x8" and last.output_format == "webp"
    for event in (*before, last):
        assert Image.open(io.BytesIO(base64.b64decode(event.b64_json))).format == "WEBP"


def test_a_stream_that_fails_ends_with_openais_error(live: Live, openai_client: Client) -> None:
    client = openai_client(live(FakeDiffusion(failing=frozenset({0, 1, 2}))))
    with pytest.raises(APIError, match="internal error"):
        list(client.images.generate(prompt=KICK, stream=True))


def test_a_stream_is_refused_before_it_begins(live: Live, openai_client: Client) -> None:
    client = openai_client(live())
    with pytest.raises(APIError, match="no interaction|triplet"):
        client.images.generate(prompt="a nice sunset", stream=True)
    with pytest.raises(APIError, match="which picture"):
        client.images.generate(prompt=KICK, stream=True, n=2)


def test_whoever_leaves_a_stream_stops_the_run(live: Live) -> None:
    endless = Endless()
    address = live(endless)
    with httpx.Client(base_url=address, timeout=60) as client:
        body = {"prompt": KICK, "stream": True}
        with client.stream("POST", "/v1/images/generations", json=body) as response:
            run = response.headers["x-run-id"]
            assert endless.has_begun.wait(20)
        deadline = time.monotonic() + 20
        while client.get(f"/v1/runs/{run}").json()["status"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert client.get(f"/v1/runs/{run}").json()["status"] == "cancelled"
    assert endless.stopped == endless.begun


def test_a_whole_answer_that_nobody_streams_is_openais_too(live: Live, openai_client: Client) -> None:
    answer = openai_client(live()).images.generate(prompt=KICK, response_format="url")
    assert answer.data is not None and answer.data[0].url is not None
    assert httpx.get(answer.data[0].url).status_code == 200
