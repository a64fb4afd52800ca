from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.playing.admission import LATEST, Admission, crowded, lately, pace_of
from deployments.playing.painters import Painters
from record.errors import OverloadedError
from runs import NewRun, Store, new_id, open_store
from runs.rows import Done, Outstanding


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
    async with Admission(store.index, 10).admitted(10**9, 1):
        pass


async def test_a_run_that_would_be_late_is_turned_away_with_the_time_to_come_again(store: Store) -> None:
    admission = Admission(store.index, 10)
    accept(store, 500)
    async with admission.admitted(100, 90):
        pass
    with pytest.raises(OverloadedError, match="about 70 s, too late to be sure of the 90 s") as caught:
        async with admission.admitted(200, 90):
            pass
    assert caught.value.retry_after_s == pytest.approx(10)
    assert admission.turned_away == 1


async def test_a_burst_is_not_admitted_whole_on_one_figure(store: Store) -> None:
    admission, leave = Admission(store.index, 10), asyncio.Event()

    async def ask() -> bool:
        try:
            async with admission.admitted(100, 60):
                await leave.wait()  # not written yet
        except OverloadedError:
            return False
        return True

    asked = [asyncio.create_task(ask()) for _ in range(20)]
    async with asyncio.timeout(20):
        while sum(one.done() for one in asked) < 16:
            await asyncio.sleep(0.01)
    leave.set()
    assert sum(await asyncio.gather(*asked)) == 4 and admission.turned_away == 16
    async with admission.admitted(400, 60):
        pass


async def test_a_run_that_is_written_while_another_looks_is_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission, is_read, may_go = Admission(store.index, 10), threading.Event(), threading.Event()
    outstanding, is_first = store.index.outstanding, [True]

    def slow() -> Outstanding:
        found = outstanding()
        if not is_first.pop():
            is_read.set()
            assert may_go.wait(20)
        is_first.append(False)
        return found

    async def look() -> None:
        async with admission.admitted(200, 30):
            pass

    monkeypatch.setattr(store.index, "outstanding", slow)
    async with admission.admitted(100, 60):
        looking = asyncio.create_task(look())
        await asyncio.to_thread(is_read.wait, 20)
        accept(store, 100)
    may_go.set()
    with pytest.raises(OverloadedError):
        await looking


async def test_what_must_be_left_of_a_deadline_is_drawing_with_room_and_waits_in_vain(store: Store) -> None:
    admission = Admission(store.index, 10)
    assert await admission.needed_s(20, 2) == 0
    for _ in range(3):
        accept(store, 100)
    assert await admission.needed_s(20, 2) == 1.5 * 30 + 2 * 20


def test_runs_count_as_crowded_where_others_ran_beside_them() -> None:
    alone, one, other = Done(0, 10, 1), Done(20, 30, 1), Done(22, 30, 1)
    assert crowded([alone, one, other]) == [one, other]
    assert crowded([]) == [] and crowded([Done(1.8e9, 1.8e9, 1)]) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=12))
def test_crowds_are_found_as_by_looking_at_every_two(runs: list[tuple[int, int]]) -> None:
    done = [Done(1.8e9 + start, 1.8e9 + start + took, 1) for start, took in runs]

    def beside(one: Done) -> float:
        others = (other for other in done if other is not one)
        return sum(max(0.0, min(one.ended, it.ended) - max(one.started, it.started)) for it in others)

    assert crowded(done) == [one for one in done if beside(one) > (one.ended - one.started) / 2]


async def test_runs_drawn_side_by_side_tell_the_pace_from_then_on_and_one_alone_can_only_raise_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, done = [1000.0], list[Done]()
    admission = Admission(store.index, 10, lambda: now[0])
    monkeypatch.setattr(store.index, "done", lambda since: done)
    for found, pace in (
        ([], 10),
        ([Done(0, 10, 50)], 10),
        ([Done(0, 10, 500)], 50),
        ([Done(0, 10, 20), Done(0, 10, 20)], 4),
        ([], 4),
        ([Done(0, 10, 50)], 5),
    ):
        done[:] = found
        now[0] += 10
        assert await admission.pace() == pace


def test_the_latest_runs_tell_the_pace_whatever_was_drawn_beside_them() -> None:
    before = [Done(2 * i, 2 * i + 8, 40) for i in range(20)]
    slower = [Done(40 + 4 * i, 40 + 4 * i + 16, 40) for i in range(LATEST + 1)]
    assert lately(before) == pytest.approx(20) and lately(before + slower) == pytest.approx(10)
    assert lately([]) is None and lately([Done(0, 10, 100)]) == 10


async def test_the_store_tells_which_runs_ended_lately(store: Store) -> None:
    run = accept(store, 100)
    (row,) = store.index.lease("worker", 10, 1)
    store.index.finish(run, "worker", "finished")
    assert len(store.index.done(row.created - 60)) == 1 and store.index.done(row.created + 60) == []


async def test_painters_that_start_are_counted_on(store: Store) -> None:
    async def ask() -> tuple[int, int]:
        return 1, 3

    admission = Admission(store.index, 10, painters=Painters(ask))
    accept(store, 500)
    assert await admission.pace() == 40
    async with admission.admitted(200, 30):
        pass
    with pytest.raises(OverloadedError):
        async with Admission(store.index, 10).admitted(200, 30):
            pytest.fail("one painter alone is too late")


async def test_while_painters_come_what_ended_lately_is_no_measure(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, painters = [0.0], [1]

    async def ask() -> tuple[int, int]:
        return painters[0], 0

    done = [Done(0, 100, 400), Done(0, 100, 400), Done(0, 100, 400)]
    monkeypatch.setattr(store.index, "done", lambda since: done)
    admission = Admission(store.index, 10, clock=lambda: now[0], painters=Painters(ask))
    for now[0], painters[0], pace in ((0.0, 1, 12.0), (10.0, 3, 36.0), (20.0, 3, 36.0), (140.0, 3, 12.0)):
        assert await admission.pace() == pytest.approx(pace)


def test_a_crowd_is_larger_where_there_are_many_painters() -> None:
    three = [Done(0, 10, 1), Done(0, 10, 1), Done(0, 10, 1)]
    assert crowded(three, 1) == crowded(three, 3) == three
    assert crowded(three, 4) == []


async def test_what_was_turned_away_lately_is_known(store: Store) -> None:
    admission = Admission(store.index, 10)
    accept(store, 500)
    with pytest.raises(OverloadedError):
        async with admission.admitted(200, 30):
            pytest.fail("that is too late")
    assert admission.refused.row_steps() == 200
