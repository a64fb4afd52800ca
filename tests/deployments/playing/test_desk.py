from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployments.playing.admission import Admission
from deployments.playing.desk import Desk
from record.errors import OverloadedError
from runs import NewRun, RunRow, Store, new_id, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))


def new(key: str | None = None, row_steps: int = 100) -> NewRun:
    deadline = time.time() + 600
    return NewRun(id=new_id(), body={}, deadline=deadline, row_steps=row_steps, idempotency_key=key)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_a_repeat_joins_the_first_where_another_would_be_turned_away(store: Store) -> None:
    desk = Desk(store.index, Admission(store.index, 1), lambda run: None)
    first, is_new = await desk.take(new("a key"), 600)
    assert is_new and await desk.take(new("a key"), 10) == (first, False)
    with pytest.raises(OverloadedError):
        await desk.take(new(), 10)


@pytest.mark.parametrize("key", [None, "a key"])
async def test_a_caller_that_leaves_while_its_run_is_written_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    is_writing, may_write, accept = threading.Event(), threading.Event(), store.index.accept
    stopped = list[str]()

    def slow(*given: Any) -> tuple[RunRow, bool]:
        is_writing.set()
        assert may_write.wait(20)
        return accept(*given)

    monkeypatch.setattr(store.index, "accept", slow)
    desk, wanted = Desk(store.index, Admission(store.index, 10), stopped.append), new(key)
    taking = asyncio.create_task(desk.take(wanted, 600))
    await until(is_writing.is_set)
    taking.cancel()
    may_write.set()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await until(lambda: bool(stopped))
    await until(lambda: store.index.get(wanted.id) is None)
    assert stopped == [wanted.id] and store.index.lease("worker", 10, 1) == []


async def test_a_repeat_that_leaves_does_not_stop_the_first(store: Store) -> None:
    desk = Desk(store.index, Admission(store.index, 10), lambda run: None)
    first, _ = await desk.take(new("a key"), 600)
    taking = asyncio.create_task(desk.take(new("a key"), 600))
    await asyncio.sleep(0)
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    await until(lambda: not desk._undoing)
    row = store.index.get(first.id)
    assert row is not None and row.status == "waiting"
