"""What a span is to those who work within it, whether anybody collects it or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

Attributes = Mapping[str, str | int | float | bool]


class Span(Protocol):
    """A piece of a run's work that goes on; `id` names it within the run's trace, 0 where nobody collects."""

    @property
    def id(self) -> int: ...  # noqa: D102

    def rename(self, name: str) -> None:
        """Call it otherwise."""

    def end(self, error: str = "") -> None:
        """It is over; with `error`, because of that."""


class Tracing(Protocol):
    """Makes spans."""

    def request(self, run: str, name: str, start_ns: int, attributes: Attributes) -> None:
        """The run's first span, which ends now; it began at `start_ns`, in nanoseconds since the epoch."""

    def begin(self, run: str, name: str, parent: int, attributes: Attributes) -> Span:
        """A span below `parent`, which is the run's first span where it is 0."""


class NoSpan:
    """A span where nobody collects them."""

    id = 0

    def rename(self, name: str) -> None:
        """Nothing happens."""

    def end(self, error: str = "") -> None:
        """Nothing happens."""
