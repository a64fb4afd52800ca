"""The count of painters that work in the store asks for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deployments.scaling import LEAST_S, Due, wanted, within

WORK = st.lists(st.builds(Due, st.integers(1, 10**5), st.floats(-100, 1000)), max_size=20)
PACE = st.floats(1, 10**4)


def test_no_work_needs_nobody() -> None:
    assert wanted([], 100) == 0


def test_what_is_due_soon_asks_for_more_than_what_has_time() -> None:
    assert wanted([Due(1000, 100)], 10) == 1
    assert wanted([Due(1000, 10)], 10) == 10
    assert wanted([Due(1000, 10)], 10, start_s=5) == 20


def test_late_work_is_drawn_as_fast_as_can_be() -> None:
    assert wanted([Due(100, -5)], 10) == wanted([Due(100, LEAST_S)], 10) == 10


@given(WORK, PACE)
def test_so_many_end_everything_in_time_and_one_fewer_do_not(due: list[Due], pace: float) -> None:
    count = wanted(due, pace)

    def is_met(painters: float) -> bool:
        done = 0
        for one in sorted(due, key=lambda one: one.within_s):
            done += one.row_steps
            if done > painters * pace * max(LEAST_S, one.within_s) * (1 + 1e-6):
                return False
        return True

    assert is_met(count)
    assert count <= 1 or not is_met(count - 1 - 1e-3)


@given(WORK, PACE, st.builds(Due, st.integers(1, 10**5), st.floats(0, 1000)))
def test_more_work_never_asks_for_fewer(due: list[Due], pace: float, more: Due) -> None:
    assert wanted([*due, more], pace) >= wanted(due, pace)


@given(st.integers(0, 100), st.integers(0, 10), st.integers(10, 20))
def test_bounds_are_kept(painters: int, fewest: int, most: int) -> None:
    assert fewest <= within(painters, fewest, most) <= most
