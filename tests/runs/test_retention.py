from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runs import Store
from runs.retention import GRACE_S, Keeping, Swept, outlived, sweep
from runs.rows import Content, NewRun, Past, new_id

NOW = 10_000.0
LATER = GRACE_S + 1
OLD, MIDDLE, NEW = Past("old", 1000, 50), Past("middle", 5000, 30), Past("new", 9000, 20)


@pytest.mark.parametrize(
    ("keeping", "going"),
    [
        (Keeping(), []),
        (Keeping(max_age_s=8999), ["old"]),
        (Keeping(max_age_s=100), ["new", "middle", "old"]),
        (Keeping(max_bytes=100), []),
        (Keeping(max_bytes=99), ["old"]),
        (Keeping(max_bytes=49), ["middle", "old"]),
        (Keeping(max_bytes=0), ["new", "middle", "old"]),
        (Keeping(max_age_s=8999, max_bytes=50), ["old"]),
    ],
)
def test_the_oldest_go_first(keeping: Keeping, going: list[str]) -> None:
    assert outlived([MIDDLE, OLD, NEW], keeping, NOW) == going


def test_what_is_not_kept_goes_once_it_was_answered() -> None:
    fresh, stale = Past("fresh", NOW - 10, 1, is_kept=False), Past("stale", NOW - LATER, 1, is_kept=False)
    assert outlived([fresh, stale], Keeping(), NOW) == ["stale"]


PAST = st.builds(Past, st.uuids().map(str), st.floats(0, NOW), st.integers(0, 1000), st.booleans())


@given(st.lists(PAST, unique_by=lambda run: run.run), st.integers(0, 5000), st.floats(0, NOW))
def test_what_stays_is_young_and_fits(past: list[Past], max_bytes: int, max_age_s: float) -> None:
    going = set(outlived(past, Keeping(max_age_s, max_bytes), NOW))
    staying = [run for run in past if run.run not in going]
    assert sum(run.size for run in staying) <= max_bytes
    assert all(NOW - run.ended <= max_age_s for run in staying)


def drawn(store: Store, *pictures: bytes, over: bool = True) -> str:
    new = NewRun(id=new_id(), body={}, deadline=time.time() + 100, row_steps=1)
    run = store.index.accept(new, "w", 30)[0].id
    contents = [Content(name=str(n), data=data, media_type="image/png") for n, data in enumerate(pictures)]
    store.tell(run, "w", [{"event": "drawn"}], contents)
    if over:
        store.index.finish(run, "w", "finished")
    return run


def test_a_sweep_takes_runs_and_then_what_only_they_had(store: Store) -> None:
    going = drawn(store, b"alone", b"shared")
    playing = drawn(store, b"shared", b"playing", over=False)
    assert sweep(store, Keeping()) == Swept(0, 0)
    assert sweep(store, Keeping(max_age_s=0), time.time() + LATER) == Swept(runs=1, artefacts=1)
    assert store.index.get(going) is None
    assert [store.content(playing, name).data for name in "01"] == [b"shared", b"playing"]
    assert sweep(store, Keeping(0, 0), time.time() + LATER) == Swept(0, 0)


def test_a_sweep_spares_bytes_whose_row_may_yet_come(store: Store) -> None:
    digest = store.artefacts.put(b"in a moment")
    assert sweep(store, Keeping(max_bytes=math.inf)) == Swept(0, 0)
    assert store.artefacts.get(digest) == b"in a moment"
    assert sweep(store, Keeping(), time.time() + LATER) == Swept(runs=0, artefacts=1)
