"""However many follow and wait, the replica answers whoever asks briefly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from deployments.edge.seats import Seats
from tests.deployments.fakes import Endless

KICK = {"prompt": "a man is kicking a ball"}


def test_a_full_replica_answers_short_requests_and_refuses_more_that_last(live: Callable[..., str]) -> None:
    with ExitStack() as open_ones, httpx.Client(base_url=live(Endless(), max_open=2), timeout=60) as client:
        run = client.post("/v1/runs", json=KICK).json()
        for _ in range(2):
            stream = open_ones.enter_context(client.stream("GET", run["events"]))
            assert stream.status_code == 200
        for full in (client.get(run["events"]), client.post("/v1/images/generations", json=KICK)):
            assert full.status_code == 429 and full.headers["retry-after"] == "2"
            told = full.json()["error"]
            assert told["code"] == "overloaded" and "2 requests wait for pictures" in told["message"]
        for path in ("/healthz", "/readyz", "/v1/status", "/v1/runs"):
            assert client.get(path).status_code == 200
        assert client.post("/v1/runs", json=KICK).status_code == 202
        assert client.delete(f"/v1/runs/{run['id']}").status_code == 200


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/runs/run-000000000000/events"])
async def test_a_seat_is_free_again_however_its_request_ends(path: str) -> None:
    begun, ends = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        begun.set()
        await ends.wait()
        raise ValueError("it failed")

    seats = Seats(app, 1)
    for is_left in (False, True):
        begun.clear()
        ends.clear()
        first = asyncio.create_task(asked(seats, path))
        await begun.wait()
        assert await asked(seats, path) == 429
        if is_left:
            first.cancel()
        ends.set()
        await asyncio.gather(first, return_exceptions=True)
    with pytest.raises(ValueError, match="it failed"):
        await asked(seats, path)


async def asked(seats: Seats, path: str) -> int:
    """The status of a request's answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await seats({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send)
    return int(sent[0]["status"])
