"""An ASGI middleware that reads a body whole and bounded before anything else sees the request."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.edge import errors
from deployments.edge.limits import MAX_BODY, too_large
from record.errors import InputError

DRAINED = 2**20
"""Bytes that are read and dropped of a body that is too large: a client that still writes hears no answer."""
WITHIN_S = 30.0
"""Seconds in which a body must have come."""


class BoundedBody:
    """Answers 413 or 408 itself; what gets through has a body of at most `most` bytes, in one message."""

    def __init__(self, app: ASGIApp, most: int = MAX_BODY, within_s: float = WITHIN_S) -> None:
        self._app, self._most, self._within_s = app, most, within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, then hand on; later messages, such as that the client left, come as they come."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._within_s):
                body = await self._read(receive)
        except ClientDisconnect:
            return
        except TimeoutError:
            late = InputError(
                f"the body did not come within {self._within_s:g} s: send it at once", code="body_timeout"
            )
            await errors.answer(late)(scope, receive, send)
        except InputError as error:
            await errors.answer(error)(scope, receive, send)
        else:
            await self._app(scope, _first(body, receive), send)

    async def _read(self, receive: Receive) -> bytes:
        body, size, is_more = bytearray(), 0, True
        while is_more and size <= self._most + DRAINED:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            size += len(part)
            if size <= self._most:
                body += part
            is_more = message.get("more_body", False)
        if size > self._most:
            raise too_large(self._most)
        return bytes(body)


def _first(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the whole body once, and then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
