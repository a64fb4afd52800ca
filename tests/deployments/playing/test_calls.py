from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import pytest
from ray.exceptions import ActorUnavailableError, NodeDiedError, ObjectLostError, RayActorError, RayTaskError

from deployments.playing import calls
from record.errors import EngineStoppedError, PromptError
from tests.deployments.edge.fakes import HANGS, FakeHandle

NODE_DIED = NodeDiedError("gone")
ALL_LOST = [
    RayActorError(),
    ActorUnavailableError("away", None),
    ObjectLostError("00", b"", ""),
    NODE_DIED,
    EngineStoppedError("cuda:0 is lost"),
    RayTaskError("draw", "trace", EngineStoppedError("cuda:0 is lost")),
]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE_S", 0.0)


@pytest.mark.parametrize("error", ALL_LOST, ids=lambda error: type(error).__name__)
async def test_whatever_was_lost_is_called_again(error: Exception) -> None:
    handle = FakeHandle(error, error, "done")
    assert await calls.call(handle, "look", 1) == "done"
    assert handle.calls == 3


async def test_replicas_are_not_lost_for_ever() -> None:
    handle = FakeHandle(*[RayActorError()] * 3)
    with pytest.raises(RayActorError):
        await calls.call(handle, "look", 1, retries=2)
    assert handle.calls == 3


async def test_a_stopped_engine_comes_back_as_itself_in_the_end() -> None:
    inside = EngineStoppedError("cuda:0 is lost")
    with pytest.raises(EngineStoppedError, match="cuda:0"):
        await calls.call(FakeHandle(RayTaskError("draw", "trace", inside)), "draw", 1, retries=0)


async def test_our_own_errors_come_back_as_themselves_and_are_not_repeated() -> None:
    inside = PromptError("too odd", param="prompt", code="unknown_word")
    handle = FakeHandle(RayTaskError("draw", "trace", inside))
    with pytest.raises(PromptError, match="too odd") as found:
        await calls.call(handle, "draw", 1)
    assert found.value.code == "unknown_word" and handle.calls == 1


async def test_other_errors_come_back_as_ray_has_them() -> None:
    handle = FakeHandle(RayTaskError("draw", "trace", KeyError("x")))
    with pytest.raises(RayTaskError):
        await calls.call(handle, "draw", 1)
    assert handle.calls == 1


async def test_a_caller_that_leaves_stops_the_work() -> None:
    handle = FakeHandle(HANGS)
    task = asyncio.create_task(calls.call(handle, "draw", 1))
    await handle.responses[0].begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert handle.responses[0].is_cancelled


async def test_a_call_that_is_not_answered_in_time_is_ended() -> None:
    handle = FakeHandle(HANGS)
    with pytest.raises(TimeoutError):
        await calls.call(handle, "draw", 1, within_s=0.01)
    assert handle.responses[0].is_cancelled


async def test_no_call_begins_after_its_time() -> None:
    handle = FakeHandle("done")
    with pytest.raises(TimeoutError, match=r"Fake.look was not answered in time"):
        await calls.call(handle, "look", 1, within_s=0)
    assert handle.calls == 0


async def test_retries_end_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE_S", 60.0)
    handle = FakeHandle(*[RayActorError()] * 3)
    with pytest.raises(TimeoutError):
        await calls.call(handle, "look", 1, within_s=0.05)
    assert handle.calls == 1


def streamed(handle: FakeHandle, within_s: float = 60.0, retries: int = 3) -> AsyncGenerator[Any, None]:
    return calls.stream(handle, "draw", lambda left_s: (left_s,), str, retries=retries, within_s=within_s)


async def test_a_stream_ends_with_its_last_part_and_cancels_nothing() -> None:
    handle = FakeHandle([1, 2, "picture"])
    assert [part async for part in streamed(handle)] == [1, 2, "picture"]
    assert handle.options_given == {"stream": True}
    assert not handle.responses[0].is_cancelled


async def test_a_stream_that_loses_its_replica_begins_again_with_what_is_left_of_its_time() -> None:
    handle = FakeHandle([1, 2, NODE_DIED], [1, RayActorError()], [1, 2, 3, "picture"])
    assert [part async for part in streamed(handle)] == [1, 2, 1, 1, 2, 3, "picture"]
    lefts = [arguments[0] for arguments in handle.given]
    assert lefts == sorted(lefts, reverse=True) and len(set(lefts)) == 3


async def test_a_stream_is_not_begun_for_ever() -> None:
    handle = FakeHandle(*[[1, RayActorError()]] * 3)
    with pytest.raises(RayActorError):
        _ = [part async for part in streamed(handle, retries=2)]
    assert handle.calls == 3


@pytest.mark.parametrize("parts", [[1, HANGS], [HANGS]], ids=["in the middle", "before it began"])
async def test_whoever_leaves_a_stream_cancels_it(parts: Sequence[object]) -> None:
    handle = FakeHandle(parts)

    async def follow() -> None:
        async with aclosing(streamed(handle)) as stream:
            async for _ in stream:
                pass

    task = asyncio.create_task(follow())
    await handle.responses[0].begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert handle.responses[0].is_cancelled


async def test_a_reader_that_stops_early_cancels_it() -> None:
    handle = FakeHandle([1, 2, "picture"])
    async with aclosing(streamed(handle)) as stream:
        assert await anext(stream) == 1
    assert handle.responses[0].is_cancelled


async def test_a_stream_past_its_time_is_cancelled() -> None:
    handle = FakeHandle([1, HANGS])
    with pytest.raises(TimeoutError):
        _ = [part async for part in streamed(handle, within_s=0.05)]
    assert handle.responses[0].is_cancelled
