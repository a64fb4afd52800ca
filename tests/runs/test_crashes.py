"""The store through what no code can catch: killed writers and full disks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from runs import Store, open_store
from runs.connect import connect
from runs.errors import StorageFullError
from runs.rows import Content, NewRun, new_id
from runs.sql import SqlIndex
from tests.house import ROOT
from tests.runs.dying import addresses

DEATHS = 100
TOLD = [{"event": "begun"}, {"event": "drawn"}]


def check_whole(store: Store) -> None:
    """No artefact is half, no row without its artefact, no event is missing or told half."""
    for digest in store.artefacts.digests():
        store.artefacts.get(digest)
    for run in store.index.page(None, limit=10_000):
        events = store.index.events(run.id)
        kept = store.index.artefacts(run.id)
        assert [one.number for one in events] == list(range(1, run.last_event + 1))
        assert len(events) == 2 * len(kept)
        assert {one.told["artefact"] for one in events[1::2]} == {one.name for one in kept}
        for one in kept:
            assert len(store.content(run.id, one.name).data) == one.size
        assert not run.is_over or len(kept) == 2


@pytest.mark.slow
def test_writers_that_die_at_any_point_leave_a_whole_store(tmp_path: Path) -> None:
    dying = [sys.executable, "-m", "tests.runs.dying", str(tmp_path), str(DEATHS)]
    died = subprocess.run(dying, cwd=ROOT, capture_output=True, text=True)
    assert died.stdout.split() == [str(DEATHS)], died.stderr
    store = open_store(*addresses(str(tmp_path)))
    runs = store.index.page(None, limit=10_000)
    assert {run.last_event for run in runs} == {0, 2, 4}
    assert any(run.is_over for run in runs) and not all(run.is_over for run in runs)
    check_whole(store)
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only where one may mount")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_store_lives_through_a_full_disk(small_disk: Path) -> None:
    store = open_store(*addresses(str(small_disk)))
    new = NewRun(id=new_id(), body={}, deadline=time.time() + 1000, row_steps=1)
    store.index.accept(new, "w", 30)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))

    def tell(name: str, size: int) -> None:
        told = [{"event": "begun"}, {"event": "drawn", "artefact": name}]
        content = Content(name=name, data=name.encode() * size, media_type="image/png")
        store.tell(new.id, "w", told, [content])

    tell("a", 100_000)
    with pytest.raises(StorageFullError, match="no room for 2000000 bytes"):
        tell("b", 2_000_000)
    with pytest.raises(StorageFullError, match="the database has no room left"):
        store.index.append(new.id, "w", [{"text": "a" * 2_000_000}])
    check_whole(store)
    ballast.unlink()
    tell("c", 100_000)
    store.index.finish(new.id, "w", "finished")
    check_whole(store)
    store.close()


def test_an_index_lives_through_a_full_database(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    engine.dispose()

    @event.listens_for(engine, "connect")
    def limit(connection: object, _: object) -> None:
        connection.execute("PRAGMA max_page_count = 40")  # type: ignore[attr-defined]

    index = SqlIndex(engine)
    new = NewRun(id=new_id(), body={}, deadline=time.time() + 1000, row_steps=1)
    index.accept(new, "w", 30)
    with pytest.raises(StorageFullError, match="keep fewer runs"):
        index.append(new.id, "w", [{"text": "a" * 1_000_000}])
    assert index.append(new.id, "w", TOLD) == 2
    index.close()
