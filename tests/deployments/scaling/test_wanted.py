"""The arithmetic of scaling: monotone in the work, bounded, and without flapping."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployments.scaling.wanted import Aim, Course, Work, bounded, needed

AIM = Aim(drain_s=20, starts_s=10, quiet_s=30, idle_s=100)
STEPS = st.floats(0, 1e7)
LADDERS = st.lists(st.tuples(st.floats(0, 500), STEPS), max_size=5).map(tuple)
NEEDS = st.lists(st.tuples(st.floats(0.1, 40), st.floats(0, 20)), min_size=1, max_size=30)


def test_what_waits_is_drawn_within_the_time_to_drain() -> None:
    assert needed(Work(), 10, AIM) == 0
    assert needed(Work(200), 10, AIM) == 1
    assert needed(Work(2000), 10, AIM) == 10


def test_what_is_due_soon_takes_more_and_what_is_too_late_to_help_does_not() -> None:
    assert needed(Work(200, ((20, 200),)), 10, AIM) == 2
    assert needed(Work(200, ((10, 200), (20, 200))), 10, AIM) == 2
    assert needed(Work(200, ((5, 200), (10, 200))), 10, AIM) == 1


@given(STEPS, STEPS, LADDERS, st.floats(0.1, 1e4))
def test_more_work_never_takes_fewer_and_a_faster_replica_never_more(
    steps: float, more: float, due: tuple[tuple[float, float], ...], pace: float
) -> None:
    need = needed(Work(steps, due), pace, AIM)
    assert need >= 0
    assert needed(Work(steps + more, due), pace, AIM) >= need
    assert needed(Work(steps, tuple((left, one + more) for left, one in due)), pace, AIM) >= need
    assert needed(Work(steps, due), 2 * pace, AIM) <= need


@given(st.floats(0, 1e6), st.integers(0, 10), st.integers(1, 100))
def test_bounds_hold(count: float, fewest: int, most: int) -> None:
    found = bounded(count, min(fewest, most), most)
    assert min(fewest, most) <= found <= most


@given(NEEDS)
def test_one_goes_only_when_it_was_not_needed_for_the_whole_quiet_time(
    needs: list[tuple[float, float]],
) -> None:
    course, now, present = Course(AIM), 0.0, 1
    seen: list[tuple[float, float]] = []
    for gone_s, need in needs:
        now += gone_s
        seen.append((now, need))
        wanted = course.wanted(now, need, present)
        lately = max(one for at, one in seen if at >= now - AIM.quiet_s)
        assert wanted >= need
        assert wanted >= min(present, lately)
        present = wanted


def test_the_last_one_goes_after_an_idle_time() -> None:
    course = Course(AIM)
    assert course.wanted(0, 0.1, 0) == 1
    assert course.wanted(1, 0.1, 1) == 1
    assert course.wanted(100, 0, 1) == 1
    assert course.wanted(101, 0, 1) == 0


def test_one_that_somebody_else_began_to_want_stays_for_the_idle_time() -> None:
    course = Course(AIM)
    assert course.wanted(0, 0, 0) == 0
    assert course.wanted(200, 0, 1) == 1
    assert course.wanted(290, 0, 1) == 1
    assert course.wanted(340, 0, 1) == 0


@pytest.mark.parametrize(("name", "value"), [("drain_s", 0), ("starts_s", -1), ("quiet_s", float("nan"))])
def test_an_aim_out_of_range_is_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name}={value}"):
        Aim(**{name: value})
