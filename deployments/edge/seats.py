"""How many requests that last one replica of the edge holds open.

Ray Serve gives a replica `max_ongoing_requests` at once and lets the others wait before it, /healthz and the
request that stops a run among them. What lasts is therefore bounded below that, and refused at once.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from deployments.edge import errors
from record.errors import OverloadedError

LASTING = ("/v1/images/generations", "/events")
"""How the paths end whose requests last as long as a run: those that wait for pictures, and streams."""
AGAIN_IN_S = 2.0


class Seats:
    """An ASGI middleware that answers 429 itself to what lasts, where `most` of its kind are open."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most, self._taken = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] != "http" or not str(scope["path"]).endswith(LASTING):
            await self._app(scope, receive, send)
        elif self._taken >= self._most:
            await errors.answer(_full(self._most))(scope, receive, send)
        else:
            self._taken += 1
            try:
                await self._app(scope, receive, send)
            finally:
                self._taken -= 1


def _full(most: int) -> OverloadedError:
    return OverloadedError(
        f"{most} requests wait for pictures or follow runs here: close streams that nobody reads, or accept "
        "runs by POST /v1/runs",
        retry_after_s=AGAIN_IN_S,
    )
