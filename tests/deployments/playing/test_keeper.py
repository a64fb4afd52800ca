from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deployments.playing import keeper
from runs import NewRun, open_store
from runs.errors import StoreUnavailableError
from runs.retention import Keeping, Swept


async def test_runs_that_are_too_old_go(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))
    store.index.accept(NewRun(id="run-1", body={}, deadline=1e12, row_steps=1), "me", 10)
    store.index.finish("run-1", "me", "finished")
    store.index.accept(NewRun(id="run-2", body={}, deadline=1e12, row_steps=1), "me", 10)
    keeping = asyncio.create_task(keeper.keep(store, Keeping(max_age_s=-1)))
    async with asyncio.timeout(20):
        while store.index.get("run-1") is not None:
            await asyncio.sleep(0.01)
    keeping.cancel()
    assert store.index.get("run-2") is not None, "it is not over"


async def test_a_sweep_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, tries = open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts")), []

    def failing(*_: object) -> Swept:
        tries.append(1)
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(keeper, "sweep", failing)
    keeping = asyncio.create_task(keeper.keep(store, Keeping(), 0.0))
    async with asyncio.timeout(20):
        while len(tries) < 3:
            await asyncio.sleep(0.01)
    keeping.cancel()


async def test_only_the_first_of_many_sweeps(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))
    store.index.accept(NewRun(id="run-1", body={}, deadline=1e12, row_steps=1), "me", 10)
    store.index.finish("run-1", "me", "finished")
    asked, ranks = list[bool](), iter([False, False, True])

    def is_first() -> bool:
        asked.append(next(ranks, True))
        if len(asked) == 3:
            assert store.index.get("run-1") is not None, "others have not swept"
        return asked[-1]

    keeping = asyncio.create_task(keeper.keep(store, Keeping(max_age_s=-1), 0.0, is_first=is_first))
    async with asyncio.timeout(20):
        while store.index.get("run-1") is not None:
            await asyncio.sleep(0.01)
    keeping.cancel()
    assert asked[:3] == [False, False, True]
