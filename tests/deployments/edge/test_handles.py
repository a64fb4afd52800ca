from __future__ import annotations

import asyncio
from typing import Any

import pytest
from ray.exceptions import RayActorError, RayTaskError

from deployments.edge import handles as cast
from record.errors import PromptError


class FakeResponse:
    """Stands for Serve's DeploymentResponse: awaitable, and remembers a cancel."""

    def __init__(self, outcome: object) -> None:
        self.outcome, self.is_cancelled = outcome, False

    def __await__(self) -> Any:
        return self._wait().__await__()

    async def _wait(self) -> object:
        if self.outcome is None:
            await asyncio.sleep(60)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def cancel(self) -> None:
        self.is_cancelled = True


class FakeHandle:
    """Stands for a DeploymentHandle: hands out the given outcomes in turn."""

    deployment_name = "Fake"

    def __init__(self, *outcomes: object) -> None:
        self.responses = [FakeResponse(outcome) for outcome in outcomes]
        self.calls = 0

    def __getattr__(self, name: str) -> FakeHandle:
        return self

    def remote(self, *arguments: object) -> FakeResponse:
        self.calls += 1
        return self.responses[self.calls - 1]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cast, "FIRST_PAUSE_S", 0.0)


async def test_a_lost_replica_costs_a_second_call() -> None:
    handle = FakeHandle(RayActorError(), RayActorError(), "done")
    assert await cast.call(handle, "draw", 1) == "done"
    assert handle.calls == 3


async def test_replicas_are_not_lost_for_ever() -> None:
    handle = FakeHandle(*[RayActorError()] * 3)
    with pytest.raises(RayActorError):
        await cast.call(handle, "draw", 1, retries=2)
    assert handle.calls == 3


async def test_our_own_errors_come_back_as_themselves_and_are_not_repeated() -> None:
    inside = PromptError("too odd", param="prompt", code="unknown_word")
    handle = FakeHandle(RayTaskError("draw", "trace", inside))
    with pytest.raises(PromptError, match="too odd") as found:
        await cast.call(handle, "draw", 1)
    assert found.value.code == "unknown_word" and handle.calls == 1


async def test_a_caller_that_leaves_stops_the_work() -> None:
    handle = FakeHandle(None)
    task = asyncio.create_task(cast.call(handle, "draw", 1))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert handle.responses[0].is_cancelled


async def test_a_lost_language_model_is_an_answer() -> None:
    chat = cast.RemoteChat(FakeHandle(RayActorError()), retries=0)
    assert (await chat.chat_json({}))["error"]["code"] == 503
