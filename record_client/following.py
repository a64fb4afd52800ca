"""A run's events over as many connections as it takes, none lost or doubled; without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from httpx_sse import ServerSentEvent

from record_client.errors import Unreadable
from record_client.events import Accepted, Told

EMPTY_ENDS = 3
"""A service ends a stream without an event where all were told already; a proxy may do so by chance."""


class Following:
    """Where a reader is in a run's events."""

    def __init__(self, run: str, after: int = 0) -> None:
        self.run, self.after, self.is_over = run, after, False
        self._place: int | None = None
        self._is_empty, self._empty_ends = True, 0

    @property
    def path(self) -> str:
        """What to ask for."""
        return f"/v1/runs/{self.run}/events"

    @property
    def options(self) -> dict[str, Any]:
        """For `httpx_sse.connect_sse`, beside method and path."""
        headers: Mapping[str, str] = {"Last-Event-ID": str(self.after)}
        return {"headers": dict(headers)}

    def take(self, sse: ServerSentEvent) -> Told | None:
        """The event, if it is new; Unreadable where it is none."""
        if not sse.data:
            return None
        try:
            told = Told.read(sse.id, sse.data)
        except (ValueError, TypeError) as error:
            raise Unreadable(f"{self.path} told what cannot be read: {error}") from error
        self._is_empty, self._empty_ends = False, 0
        if isinstance(told.event, Accepted):  # it has no number, and is told again on every connection
            is_new, self._place = told.event.position != self._place, told.event.position
            return told if is_new else None
        if told.number <= self.after:
            return None
        self.after, self.is_over = told.number, told.is_end
        return told

    def ended(self) -> None:
        """A connection was closed in good order."""
        self._empty_ends += self._is_empty
        self._is_empty = True
        self.is_over = self.is_over or self._empty_ends >= EMPTY_ENDS
