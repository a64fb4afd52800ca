"""Stands for Ray Serve's handles, for tests without Ray."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

HANGS = object()
"""An outcome that never comes."""


class FakeResponse:
    """A DeploymentResponse, or its generator where the outcome is a list; remembers a cancel."""

    def __init__(self, outcome: object) -> None:
        self._parts = list(outcome) if isinstance(outcome, Sequence) and type(outcome) is list else [outcome]
        self.is_cancelled, self.begun = False, asyncio.Event()

    def __await__(self) -> Any:
        return self._next().__await__()

    def __aiter__(self) -> FakeResponse:
        return self

    async def __anext__(self) -> object:
        if not self._parts:
            raise StopAsyncIteration
        return await self._next()

    async def _next(self) -> object:
        part = self._parts.pop(0)
        if part is HANGS:
            self.begun.set()
            await asyncio.Event().wait()
        if isinstance(part, Exception):
            raise part
        return part

    def cancel(self) -> None:
        """Remember it."""
        self.is_cancelled = True


class FakeHandle:
    """A DeploymentHandle of any method: hands out the given outcomes in turn."""

    deployment_name = "Fake"

    def __init__(self, *outcomes: object) -> None:
        self.responses = [FakeResponse(outcome) for outcome in outcomes]
        self.given: list[tuple[Any, ...]] = []
        self.options_given: dict[str, Any] = {}

    @property
    def calls(self) -> int:
        """How often it was called."""
        return len(self.given)

    def options(self, **given: Any) -> FakeHandle:
        """Remember them."""
        self.options_given = given
        return self

    def __getattr__(self, name: str) -> FakeHandle:
        return self

    def remote(self, *arguments: Any) -> FakeResponse:
        """The next outcome."""
        self.given.append(arguments)
        return self.responses[self.calls - 1]
