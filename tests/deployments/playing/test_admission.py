from __future__ import annotations

from pathlib import Path

import pytest

from deployments.playing.admission import Admission, pace_of
from record.errors import OverloadedError
from runs import NewRun, Store, new_id, open_store
from runs.rows import Done


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))


def accept(store: Store, row_steps: int) -> str:
    new = NewRun(id=new_id(), body={}, deadline=1e12, row_steps=row_steps)
    return store.index.accept(new)[0].id


def test_the_pace_counts_time_that_runs_share_once() -> None:
    assert pace_of([]) is None
    assert pace_of([Done(0, 10, 100)]) == 10
    assert pace_of([Done(0, 10, 100), Done(0, 10, 100)]) == 20
    assert pace_of([Done(0, 10, 100), Done(5, 15, 50), Done(100, 105, 50)]) == 10


async def test_an_idle_service_takes_any_run(store: Store) -> None:
    await Admission(store.index, 10).admit(10**9, 1)


async def test_a_run_that_would_be_late_is_turned_away_with_the_time_to_come_again(store: Store) -> None:
    admission = Admission(store.index, 10)
    accept(store, 500)
    await admission.admit(100, 60)
    with pytest.raises(OverloadedError, match="about 70 s, later than the 60 s") as caught:
        await admission.admit(200, 60)
    assert caught.value.retry_after_s == pytest.approx(10)
    assert admission.turned_away == 1


async def test_runs_that_ended_lately_tell_the_pace(store: Store) -> None:
    for _ in range(2):
        run = accept(store, 100)
        (row,) = store.index.lease("worker", 10, 1)
        store.index.finish(run, "worker", "finished")
    now = row.created
    assert len(store.index.done(now - 60)) == 2 and store.index.done(now + 60) == []
    pace = await Admission(store.index, 1).pace()
    assert pace > 1
