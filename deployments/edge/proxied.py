"""What Ray Serve's HTTP proxy may see of a request: middlewares that run in the proxy, before it acts.

The proxy obeys two headers of any client: one switches off that it notices when the client has left, the
other lifts its own time limit, and ends in an answer in plain text. The first is taken out; the second is
renamed, so that the application alone reads it, bounds it and answers in its own form. Bodies are bounded
there too, since the proxy would keep all of one in memory. What it says itself, of a replica that was lost
while it answered or that has no room, is plain text: the application's own form takes its place.

Ray Serve calls `middlewares` where the environment names it: RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.edge import errors
from deployments.edge.bounded import BoundedBody
from deployments.playing.failures import RETRY_AFTER_S
from record.errors import EngineStoppedError, OverloadedError

VARIABLE = "RAY_SERVE_HTTP_PROXY_CALLBACK_IMPORT_PATH"
CALLBACK = "deployments.edge.proxied:middlewares"
TIMEOUT = "x-request-timeout-seconds"
"""Seconds that a caller will wait, as callers say it ..."""
TIMEOUT_WITHIN = "x-record-timeout-seconds"
"""... and as it reaches the application through the proxy."""
NEVER_LEAVES = "x-request-disconnect-disabled"

_DROPPED = frozenset({NEVER_LEAVES.encode(), TIMEOUT_WITHIN.encode()})
_RENAMED = {TIMEOUT.encode(): TIMEOUT_WITHIN.encode()}


def middlewares() -> list[Middleware]:
    """What Ray Serve puts around its proxy; the last of them sees a request first."""
    return [Middleware(OwnErrors), Middleware(BoundedBody), Middleware(OwnHeaders)]


class OwnHeaders:
    """An ASGI middleware that takes out and renames what the proxy must not obey."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, with other headers."""
        if "headers" in scope:
            kept = [(name.lower(), value) for name, value in scope["headers"] if name.lower() not in _DROPPED]
            scope = {**scope, "headers": [(_RENAMED.get(name, name), value) for name, value in kept]}
        await self._app(scope, receive, send)


class OwnErrors:
    """An ASGI middleware that answers in the application's form where the proxy speaks for it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and replace an answer that is the proxy's own, or that it does not give."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_begun = is_replaced = False

        async def say(message: Message) -> None:
            nonlocal is_begun, is_replaced
            is_begun = True
            if message["type"] == "http.response.start" and _is_proxys(message):
                is_replaced = True
                await errors.answer(_cause(message["status"]))(scope, receive, send)
            elif not is_replaced:
                await send(message)

        await self._app(scope, receive, say)
        if not is_begun:  # the replica was lost: the server would write a plain 500
            await errors.answer(_cause(503))(scope, receive, send)


def _is_proxys(start: Message) -> bool:
    """Whether the application did not write it: all of its own errors are JSON."""
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] in (408, 429, 500, 503) and kind.startswith("text/plain")


def _cause(status: int) -> Exception:
    """What the proxy met with, for such a status."""
    if status == 408:
        return TimeoutError()
    if status == 429:
        return OverloadedError("every replica is busy", retry_after_s=RETRY_AFTER_S)
    return EngineStoppedError("the replica was lost that answered")
