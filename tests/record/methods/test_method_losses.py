"""Each method's loss against values worked by hand."""

import math

import pytest
import torch

from record.methods import attend_and_excite, boxdiff, lmd
from record.methods.base import Loss
from record.methods.losses import TokenMaps, box_mask
from tests.record.methods.fakes import ROLES, THING, flat, job, token_maps


def test_the_word_attended_to_least_counts() -> None:
    maps = token_maps(subject=flat(0.3), thing=flat(0.6))
    assert attend_and_excite.neglect(maps, job()).item() == pytest.approx(0.7)


def test_a_lonely_peak_is_smoothed_before_it_counts() -> None:
    peak = flat(0.0)
    peak[4, 4] = 1
    kept = 1 / (1 + 2 * math.exp(-2)) ** 2  # middle of the 3 x 3 Gaussian, sigma 0.5
    loss = attend_and_excite.neglect(token_maps(flat(0.9), peak), job())
    assert loss.item() == pytest.approx(1 - kept)


def test_every_box_adds_its_three_losses() -> None:
    maps = token_maps(subject=flat(0.2), thing=flat(0.6))
    # A flat map: inner and outer sum to 1, and 2 of the 4 cells near the edges are inside, on each axis.
    thing = 1 + 2 * (2 * 0.4 + 2 * 0.6) / 4
    # Across, 4 of 5 cells near the edges are inside; down, all of them.
    person = 1 + (4 * 0.8 + 0.2) / 5 + 0.8
    assert boxdiff.boxes_loss(maps, job(person=None)).item() == pytest.approx(thing)
    assert boxdiff.boxes_loss(maps, job()).item() == pytest.approx(thing + person)


def test_refinement_looks_at_the_emptiest_box() -> None:
    maps = token_maps(subject=flat(0.2), thing=flat(0.6))
    assert boxdiff.worst_inner_loss(maps, job()).item() == pytest.approx(0.8)
    assert boxdiff.worst_inner_loss(maps, job(person=None)).item() == pytest.approx(0.4)


def test_layout_loss_weighs_the_background_four_times_and_averages_the_boxes() -> None:
    mask = box_mask(THING, 8, flat(0))
    maps = token_maps(subject=flat(0.2), thing=0.3 + 0.5 * mask, temperature=100)
    thing, person = 0.2 + 4 * 0.3, 0.8 + 4 * 0.2
    assert lmd.layout_loss(maps, job(person=None)).item() == pytest.approx(thing)
    assert lmd.layout_loss(maps, job()).item() == pytest.approx((thing + person) / 2)


@pytest.mark.parametrize(
    "loss", [attend_and_excite.neglect, boxdiff.boxes_loss, boxdiff.worst_inner_loss, lmd.layout_loss]
)
@pytest.mark.parametrize("temperature", [0.0, 3.0])
def test_gradients(loss: Loss, temperature: float) -> None:
    torch.manual_seed(0)
    maps = torch.rand(64, 5, dtype=torch.float64, requires_grad=True)
    order = job()
    assert torch.autograd.gradcheck(lambda given: loss(TokenMaps(given, ROLES, temperature), order), (maps,))
