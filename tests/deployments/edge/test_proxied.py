from __future__ import annotations

import asyncio
import importlib
import json

import pytest
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.edge import proxied
from deployments.edge.bounded import DRAINED, BoundedBody
from deployments.edge.limits import MAX_BODY


class Seen:
    """An application that keeps what it is asked, and answers nothing."""

    def __init__(self) -> None:
        self.headers, self.messages = list[tuple[bytes, bytes]](), list[Message]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = list(scope["headers"])
        self.messages = [await receive(), await receive()]


def wrapped(app: ASGIApp) -> ASGIApp:
    """As Ray Serve puts its middlewares around the proxy."""
    for one in proxied.middlewares():
        app = one.cls(app, *one.args, **one.kwargs)
    return app


def receiving(*parts: bytes, last: Message | None = None) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages += [last or {"type": "http.request"}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        return messages.pop(0)

    return receive


async def asked(app: ASGIApp, receive: Receive, *headers: tuple[str, str]) -> list[Message]:
    sent = list[Message]()

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers]
    await app({"type": "http", "method": "POST", "path": "/", "headers": pairs}, receive, send)
    return sent


async def test_the_proxy_is_not_told_to_ignore_that_a_client_left_or_to_wait_for_ever() -> None:
    seen = Seen()
    given = [
        ("accept", "*/*"),
        ("x-request-disconnect-disabled", "?1"),
        ("X-Request-Disconnect-Disabled", "?1"),
        ("x-record-timeout-seconds", "99"),
        ("X-Request-Timeout-Seconds", "0"),
    ]
    await asked(wrapped(seen), receiving(), *given)
    assert seen.headers == [(b"accept", b"*/*"), (b"x-record-timeout-seconds", b"0")]


async def test_a_body_comes_whole_and_then_what_follows() -> None:
    seen = Seen()
    start, _ = await asked(wrapped(seen), receiving(b"a" * 9, b"", b"b"))
    assert start["status"] == 503, "nothing but that nobody answered"
    assert seen.messages[0] == {"type": "http.request", "body": b"a" * 9 + b"b", "more_body": False}
    assert seen.messages[1]["type"] == "http.disconnect"


@pytest.mark.parametrize("parts", [[b"x" * (MAX_BODY + 1)], [b"x" * 1000] * 70, [b"x" * 4096] * 10_000])
async def test_a_body_that_does_not_end_is_answered_and_not_kept(parts: list[bytes]) -> None:
    seen, taken = Seen(), [0]
    receive = receiving(*parts)

    async def counted() -> Message:
        message = await receive()
        taken[0] += len(message.get("body", b""))
        return message

    start, _ = await asked(wrapped(seen), counted)
    assert start["status"] == 413 and seen.messages == []
    assert taken[0] <= MAX_BODY + DRAINED + 4096


async def test_a_client_that_leaves_while_it_writes_costs_nothing() -> None:
    seen = Seen()
    assert await asked(wrapped(seen), receiving(b"x", last={"type": "http.disconnect"})) == []
    assert seen.messages == []


async def test_a_body_that_never_comes_is_given_up() -> None:
    async def hang() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    start, body = await asked(BoundedBody(Seen(), within_s=0.01), hang)
    assert start["status"] == 408 and b"body_timeout" in body["body"]


async def test_what_is_no_request_passes() -> None:
    reached = list[str]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    await wrapped(app)({"type": "lifespan"}, receiving(), _unused)
    assert reached == ["lifespan"]


def test_the_callback_that_is_named_to_ray_is_there() -> None:
    module, _, name = proxied.CALLBACK.partition(":")
    assert getattr(importlib.import_module(module), name) is proxied.middlewares
    assert all(isinstance(one, Middleware) for one in proxied.middlewares())


async def _unused(message: Message) -> None:
    raise AssertionError(message)


class Says:
    """An application, or the proxy itself, that answers so."""

    def __init__(self, status: int, media_type: str) -> None:
        self._status, self._media_type = status, media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Response("said", self._status, media_type=self._media_type)(scope, receive, send)


@pytest.mark.parametrize(("status", "told"), [(500, 503), (503, 503), (429, 429)])
async def test_what_the_proxy_says_itself_has_the_applications_form(status: int, told: int) -> None:
    start, body = await asked(wrapped(Says(status, "text/plain")), receiving())
    headers = Headers(raw=start["headers"])
    assert start["status"] == told and int(headers["retry-after"]) >= 1
    assert json.loads(body["body"])["error"].keys() == {"type", "code", "message", "param"}


async def test_where_the_replica_is_lost_before_it_answers_the_caller_is_told_to_ask_again() -> None:
    start, body = await asked(wrapped(Seen()), receiving())
    assert start["status"] == 503 and json.loads(body["body"])["error"]["code"] == "not_ready"


async def test_the_proxys_own_limit_of_time_is_told_as_ours() -> None:
    start, _ = await asked(wrapped(Says(408, "text/plain")), receiving())
    assert start["status"] == 408 and Headers(raw=start["headers"])["x-should-retry"] == "false"


@pytest.mark.parametrize("said", [(500, "application/json"), (200, "text/plain"), (404, "text/plain")])
async def test_what_the_application_says_stays(said: tuple[int, str]) -> None:
    start, body = await asked(wrapped(Says(*said)), receiving())
    assert (start["status"], body["body"]) == (said[0], b"said")
