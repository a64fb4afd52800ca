"""When, how far and how often each method descends."""

import math

import pytest

from record.job import Job
from record.methods import Guidance, Moment, method_of
from tests.record.methods.fakes import job


def planned(method: str, step: int, steps: int = 50, order: Job | None = None) -> tuple[Guidance, ...]:
    return method_of(method).guidance(Moment(step, steps, alpha=0.36), order or job())


@pytest.mark.parametrize("method", ["attend_and_excite", "boxdiff"])
@pytest.mark.parametrize(("step", "enough"), [(0, 0.95), (10, 0.5), (20, 0.2)])
def test_three_steps_are_refined_before_their_ordinary_descent(method: str, step: int, enough: float) -> None:
    refined, once = planned(method, step)
    assert refined.iterations == 20 and refined.enough == pytest.approx(enough)
    assert (once.iterations, once.enough) == (1, -math.inf)
    assert refined.alpha == once.alpha == pytest.approx(20 * math.sqrt(1 - 0.5 * step / 49))


@pytest.mark.parametrize("method", ["attend_and_excite", "boxdiff"])
def test_half_of_the_steps_are_guided(method: str) -> None:
    assert [len(planned(method, step)) for step in (1, 24, 25, 49)] == [1, 1, 0, 0]
    assert not planned(method, 0, order=job(guided_share=0))


def test_refined_steps_scale_with_the_number_of_steps() -> None:
    assert [step for step in range(25) if len(planned("boxdiff", step, 25)) == 2] == [0, 5, 10]
    assert [step for step in range(100) if len(planned("boxdiff", step, 100)) == 2] == [0, 20, 40]


def test_only_boxdiff_refines_another_loss() -> None:
    refined, once = planned("boxdiff", 0)
    assert refined.terms != once.terms
    refined, once = planned("attend_and_excite", 0)
    assert refined.terms == once.terms


def test_lmd_descends_less_and_less_often() -> None:
    plans = [planned("lmd", step) for step in range(50)]
    assert [plan.iterations for one in plans for plan in one] == [4] * 5 + [3] * 5 + [2] * 10 + [1] * 10
    assert not any(plans[30:])
    assert [len(planned("lmd", step, 25)) for step in (0, 14, 15)] == [1, 1, 0]
    assert planned("lmd", 5, 25)[0].iterations == 2  # stands for steps 10 and 11 of 50


def test_lmd_steps_by_the_noise_that_is_left_or_as_the_settings_say() -> None:
    (paper,) = planned("lmd", 0)
    assert paper.alpha == pytest.approx(5 * 8 * 0.8)
    assert paper.enough == 5 / 8
    (normalised,) = planned("lmd", 0, order=job(gradient_rule="normalised", step_size=0.1))
    assert normalised.alpha == 0.1


@pytest.mark.parametrize("method", ["boxdiff", "lmd"])
def test_without_a_box_nothing_is_guided(method: str) -> None:
    assert not planned(method, 0, order=job(box=None))
