"""Regions, their fusion and the backgrounds they begin on, by hand."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from record.backbone import Backbone
from record.geometry import Box
from record.methods import Moment, Strand, method_of
from record.methods.multidiffusion import COLOURS, region_masks
from record.settings import Settings
from tests.record.methods.fakes import job

REGIONS = method_of("multidiffusion")
EARLY, LATE = Moment(19, 50, alpha=0.36), Moment(49, 50, alpha=0.36)
LEFT, TOP = Box(0, 0, 0.5, 1), Box(0, 0, 1, 0.5)


def test_each_region_has_its_own_words_and_the_sentence_none() -> None:
    strands = REGIONS.strands(EARLY, job())
    assert [one.text for one in strands] == [
        "a woman is kicking a ball", "", "a ball", "a woman is kicking"
    ]  # fmt: skip
    assert [one.is_guided for one in strands] == [False, True, True, True]
    alone = REGIONS.strands(EARLY, job(person=None))
    assert [one.text for one in alone] == ["a woman is kicking a ball", "a woman is kicking", "a ball"]
    assert REGIONS.strands(EARLY, job(box=None)) == (Strand("a woman is kicking a ball"),)


def test_masks_are_the_boxes_and_what_is_left() -> None:
    sentence, around, thing, person = region_masks(job(box=LEFT, person=TOP), torch.zeros(4, 4, 2, 2))
    assert sentence.tolist() == [[[0, 0], [0, 0]]]
    assert around.tolist() == [[[0, 0], [0, 1]]]
    assert thing.tolist() == [[[1, 0], [1, 0]]]
    assert person.tolist() == [[[1, 1], [0, 0]]]


def test_every_strand_becomes_the_mean_of_those_that_cover_a_cell() -> None:
    latents = torch.tensor([9.0, 1.0, 2.0, 4.0]).view(4, 1, 1, 1).expand(4, 1, 2, 2)
    fused = REGIONS.fuse(latents, LATE, job(box=LEFT, person=TOP))
    assert fused.shape == latents.shape
    for strand in fused:
        assert strand.tolist() == [[[3, 4], [2, 1]]]


def test_one_strand_is_left_as_it_is() -> None:
    latents = torch.randn(1, 4, 2, 2)
    assert torch.equal(REGIONS.fuse(latents, LATE, job(box=None)), latents)


def test_a_phrase_sees_a_noised_flat_colour_around_its_box(backbone: Backbone) -> None:
    latents, order = torch.zeros(3, 4, 32, 32), job(person=None, box=LEFT)
    given = REGIONS.inputs(latents, EARLY, order, backbone)
    assert torch.equal(given[:2], latents[:2])
    assert torch.equal(given[2, :, :, :16], latents[2, :, :, :16])
    background = (given[2] - 0.8 * backbone.initial_noise(order.seed)) / 0.6
    known = [backbone.flat((int(r), int(g), int(b))) for r, g, b in COLOURS]
    found = [torch.allclose(background[:, :, 16:], one[:, :, 16:], atol=1e-5) for one in known]
    assert found.count(True) == 1
    assert torch.equal(given, REGIONS.inputs(latents, EARLY, order, backbone))


@pytest.mark.parametrize(
    ("given", "steps"), [({"preset": "paper"}, 20), ({}, 20), ({"bootstrapped_share": 0}, 0)]
)
def test_later_every_strand_sees_the_picture(backbone: Backbone, given: dict[str, Any], steps: int) -> None:
    drawing = Settings.build(given).drawing()
    latents, order = torch.randn(3, 4, 32, 32), replace(job(person=None), drawing=drawing)
    moments = [Moment(step, 50, alpha=0.36) for step in range(50)]
    seen = [REGIONS.inputs(latents, moment, order, backbone) is latents for moment in moments]
    assert seen == [False] * steps + [True] * (50 - steps)


def test_a_flat_picture_is_what_the_autoencoder_makes_of_it(backbone: Backbone) -> None:
    picture = torch.tensor([255.0, 0.0, 127.0]).div(127.5).sub(1).view(1, 3, 1, 1).expand(1, 3, 64, 64)
    mode = backbone.vae.encode(picture).latent_dist.mode()[0] * backbone.vae.config.scaling_factor
    found = backbone.flat((255, 0, 127))
    assert found.shape == backbone.latent_shape
    assert torch.allclose(found, mode, atol=1e-5)
