"""The request that a run came with: the first span of its trace, and the run's id in its log lines."""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.seeing import logs, traces


@dataclass
class Asked:
    """A request that is being answered: the run that it brought, and the answer's status."""

    run: str = ""
    status: int = 0


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)


def accepted(run: str, *, is_new: bool) -> None:
    """The request being answered now brought a run, or joined one that was there."""
    logs.belongs_to(run)
    asked = _asked.get()
    if asked is not None and is_new:
        asked.run = run


class Traced:
    """An ASGI middleware that tells of every request which brought a run, where traces are collected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        makes = traces.tracing()
        if makes is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked, start_ns = Asked(), time.time_ns()
        _asked.set(asked)

        async def sent(message: Message) -> None:
            asked.status = message.get("status", asked.status)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            if asked.run:
                told = {"http.request.method": scope["method"], "http.response.status_code": asked.status}
                makes.request(asked.run, f"{scope['method']} {scope['path']}", start_ns, told)
