"""The terms of ReCorD's second pass, and when they are descended."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from record.geometry import Box
from record.job import Job, Reference
from record.methods import Moment, Term
from record.methods.correction import correction, terms
from record.methods.losses import TokenMaps
from record.reading.prompt import parse
from record.settings import Drawing
from tests.record.methods.fakes import ROLES, THING, flat, token_maps

BODY = np.zeros((8, 8), bool)
BODY[:, :4] = True
HELD = np.random.default_rng(0).random((8, 8)).astype(np.float32)
WEIGHTS: dict[str, Any] = {"overlap_weight": 0.5, "hold_weight": 0.25, "presence_weight": 0.75}


def order(box: Box | None = THING, **drawing: Any) -> Job:
    reference = Reference(person_mask=BODY, subject_map=HELD, verb_map=HELD)
    return Job(parse("a woman is kicking a ball"), 1, Drawing(**drawing), box, reference)


def named(job: Job) -> dict[str, Term]:
    return {term.name: term for term in terms(job)}


def test_every_term_weighs_what_its_setting_says() -> None:
    weights = {name: term.weight for name, term in named(order(**WEIGHTS)).items()}
    assert weights == {
        "box": 1.0, "presence": 0.75, "overlap": 0.5, "hold subject": 0.25, "hold verb": 0.25
    }  # fmt: skip
    assert {name for name, term in named(order()).items() if term.weight} == {"box"}


def test_without_a_reference_there_is_nothing_to_keep_to() -> None:
    job = Job(parse("a woman is kicking a ball"), 1, Drawing(**WEIGHTS), THING)
    assert list(named(job)) == ["box", "presence"]


def test_hold_reads_raw_maps_as_the_candidates_were() -> None:
    maps = token_maps(subject=torch.from_numpy(HELD) * 3, thing=flat(0.9), temperature=100)
    job = order(hold_weight=1)
    assert named(job)["hold subject"].loss(maps, job).item() == pytest.approx(0, abs=1e-6)
    assert named(job)["hold verb"].loss(maps, job).item() > 0.01


def test_overlap_leaves_the_box_alone() -> None:
    job = order(overlap_weight=1)
    # A flat map: 32 of 64 cells on the body, 4 of them in the box.
    found = named(job)["overlap"].loss(token_maps(flat(0.1), flat(0.5)), job).item()
    assert found == pytest.approx(28 / 64)


@pytest.mark.parametrize("name", ["box", "presence", "overlap", "hold subject", "hold verb"])
@pytest.mark.parametrize("temperature", [0.0, 3.0])
def test_gradients(name: str, temperature: float) -> None:
    torch.manual_seed(0)
    job = order(**WEIGHTS)
    maps = torch.rand(64, 5, dtype=torch.float64, requires_grad=True)
    term = named(job)[name]
    assert torch.autograd.gradcheck(
        lambda given: term.loss(TokenMaps(given, ROLES, temperature), job), (maps,)
    )


def test_half_of_the_steps_are_guided_and_none_without_a_box() -> None:
    assert [len(correction(Moment(step, 50, 0.36), order())) for step in (0, 24, 25)] == [1, 1, 0]
    assert not correction(Moment(0, 50, 0.36), order(box=None))


def test_enough_is_for_good() -> None:
    (once,) = correction(Moment(3, 50, 0.36), order(enough_loss=0.3))
    assert (once.enough, once.for_good, once.iterations) == (0.3, True, 1)


@pytest.mark.parametrize(("step", "enough"), [(0, 0.95), (10, 0.5), (20, 0.2)])
def test_refinement_goes_before_at_three_steps(step: int, enough: float) -> None:
    refined, once = correction(Moment(step, 50, 0.36), order(refinements=7, enough_loss=0.3))
    assert (refined.iterations, refined.for_good) == (7, False)
    assert refined.enough == pytest.approx(enough)
    assert (once.iterations, once.enough, once.for_good) == (1, 0.3, True)
    assert refined.alpha == once.alpha == pytest.approx(20 * math.sqrt(1 - 0.5 * step / 49))
    assert len(correction(Moment(step + 1, 50, 0.36), order(refinements=7))) == 1


def test_refinement_fills_the_box_and_finds_the_subject_where_presence_counts() -> None:
    maps = token_maps(subject=flat(0.1), thing=flat(0.6))
    for weight, wanted in ((0, 0.4), (1, 0.9)):
        job = order(refinements=7, presence_weight=weight)
        refined, _ = correction(Moment(0, 50, 0.36), job)
        (term,) = refined.terms
        assert term.loss(maps, job).item() == pytest.approx(wanted)
