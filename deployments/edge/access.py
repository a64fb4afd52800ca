"""Who may ask: with keys, whoever holds one; without, this machine alone, unless all are let in.

keys configured          `Authorization: Bearer KEY`; 401 without, 429 where the key's limits are passed
allow_anonymous: true    everybody
neither                  connections to a loopback address, with local Host and Origin; 403 for others
"""

from __future__ import annotations

import math

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.config import IngressArgs
from deployments.edge.bounded import BoundedBody
from deployments.edge.errors import answer_of
from deployments.edge.hosts import came_to_loopback, stranger
from deployments.edge.quotas import Meter, Meters
from deployments.edge.seats import Seats
from deployments.keys import Key, Keyring
from deployments.playing.failures import Failure, error

PROBES = frozenset({"/healthz", "/readyz"})
"""Paths that say nothing but whether the service is well; anybody may ask, from anywhere."""
PAGES = ("/docs", "/openapi.json", "/studio/")
"""Paths that describe the service, or are its page's files; no key is needed."""


def install(app: FastAPI, args: IngressArgs) -> None:
    """Guard `app`; ConfigError where the keys cannot be read."""
    app.add_middleware(BoundedBody)
    app.add_middleware(Seats, most=args.max_open)
    app.add_middleware(Access, args=args, keyring=Keyring(args) if args.has_keys else None)


def owner_of(request: Request) -> str:
    """The name of the caller's key; "" where no key is needed."""
    return str(getattr(request.state, "owner", ""))


class Access:
    """An ASGI middleware that answers 401, 403 and 429 itself, and names the owner of what gets through."""

    def __init__(self, app: ASGIApp, args: IngressArgs, keyring: Keyring | None) -> None:
        self._app, self._keyring, self._lets_all_in = app, keyring, args.allow_anonymous
        self._meters = Meters()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] == "websocket":  # there are none: whoever adds one has to guard it
            await send({"type": "websocket.close"})
            return
        path = str(scope.get("path", "")).removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path in PROBES or (self._keyring is None and self._lets_all_in):
            await self._app(scope, receive, send)
        elif self._keyring is None:
            refusal = _refuse_strangers(scope)
            await (refusal or self._app)(scope, receive, send)
        elif path == "/" or path.startswith(PAGES):
            await self._app(scope, receive, send)
        else:
            await self._with_key(self._keyring, scope, receive, send)

    async def _with_key(self, keyring: Keyring, scope: Scope, receive: Receive, send: Send) -> None:
        key = keyring.find(_token(Headers(scope=scope)))
        if key is None:
            await _unknown()(scope, receive, send)
            return
        scope = {**scope, "state": {**scope.get("state", {}), "owner": key.name}}
        if scope["method"] == "POST":
            await self._metered(self._meters.of(key), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _metered(self, meter: Meter, scope: Scope, receive: Receive, send: Send) -> None:
        seconds = meter.enter()
        if seconds:
            await _too_many(meter.key, seconds)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            meter.leave()


def _token(headers: Headers) -> str:
    """What stands behind `Bearer`; "", which no key is, where nothing does, or it is said twice."""
    given = headers.getlist("authorization")
    scheme, _, token = given[0].strip().partition(" ") if len(given) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refuse_strangers(scope: Scope) -> JSONResponse | None:
    if not came_to_loopback(scope):
        message = (
            "this service has no API keys and answers on its own machine only: "
            "configure ingress.keys_file, or say ingress.allow_anonymous: true"
        )
        return answer_of(Failure(403, error("invalid_request_error", "keys_needed", message)))
    odd = stranger(Headers(scope=scope))
    if odd is None:
        return None
    message = (
        f"{odd} is not this machine's: without API keys only localhost is answered; "
        "ask http://localhost, configure ingress.keys_file, or say ingress.allow_anonymous: true"
    )
    return answer_of(Failure(403, error("invalid_request_error", "foreign_origin", message)))


def _unknown() -> JSONResponse:
    message = "no API key, or an unknown one: send  Authorization: Bearer KEY"
    told = error("invalid_request_error", "invalid_api_key", message)
    return answer_of(Failure(401, told, {"WWW-Authenticate": "Bearer"}))


def _too_many(key: Key, seconds: float) -> JSONResponse:
    after = math.ceil(seconds)
    message = (
        f"key {key.name} may ask {key.requests_per_minute:g} times a minute and "
        f"{key.concurrency} times at once: try again in {after} s"
    )
    told = error("rate_limit_error", "rate_limit_exceeded", message)
    return answer_of(Failure(429, told, {"Retry-After": str(after)}))
