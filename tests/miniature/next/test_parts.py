from __future__ import annotations

import numpy as np
import pytest
import torch

from miniature.judge.model import NO_OBJECT, NO_VERB
from miniature.next.diffusion.evaluate import GROUPS, Row, reduced
from miniature.next.diffusion.optimisers import Optimisers
from miniature.next.diffusion.vae import make_vae
from miniature.next.judge.samples import draw_samples
from miniature.next.world import VERBS


def test_muon_gets_the_inner_matrices_only() -> None:
    model = torch.nn.Sequential()
    model.conv_in, model.body = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(8, 8, 3)
    made = Optimisers.of(model.named_parameters(), ("conv_in",), betas=(0.9, 0.99), weight_decay=0.0)
    muon, adam = ([p for group in one.param_groups for p in group["params"]] for one in made.both)
    assert [p.shape for p in muon] == [(8, 8, 3, 3)] and len(adam) == 3
    before = [p.detach().clone() for p in model.parameters()]
    made.step(model.body(model.conv_in(torch.randn(2, 3, 9, 9))).square().mean(), 1e-3)
    assert all((a != b).any() for a, b in zip(before, model.parameters(), strict=True))
    # An orthogonal update of a 8 x 72 matrix has a norm of sqrt(8), times 0.2 sqrt(72) and the rate.
    moved = (model.body.weight - before[2]).norm().item()
    assert moved == pytest.approx(1e-3 * 0.2 * 72**0.5 * 8**0.5, rel=0.2)


def test_the_autoencoder_keeps_shapes() -> None:
    model = make_vae()
    latents = model.encode(torch.zeros(1, 3, 256, 256)).latent_dist.mean
    assert latents.shape == (1, 4, 32, 32)
    assert model.decode(latents).sample.shape == (1, 3, 256, 256)
    assert 1.5e6 < sum(p.numel() for p in model.parameters()) < 1.8e6


def test_the_judges_samples_are_halved_drawings_with_their_truth() -> None:
    made = draw_samples(12, 2, make_vae(), seed=1, processes=1)
    assert made.pictures.shape == (12, 128, 128, 3) and made.cells.shape == (12, 64, 64)
    assert made.verbs.max() <= NO_VERB and made.objects.max() <= NO_OBJECT
    for thing, cells in zip(made.objects, made.cells, strict=True):
        assert set(np.unique(cells)) <= {int(thing), NO_OBJECT}
        assert (cells == thing).any() or thing == NO_OBJECT


def test_pictures_are_halved_by_means() -> None:
    pictures = np.zeros((1, 256, 256, 3), np.uint8)
    pictures[0, ::2, ::2] = 200
    assert (reduced(pictures) == 50).all() and reduced(pictures).shape == (1, 128, 128, 3)


def test_every_verb_is_asked_for_alone_and_needs_no_object() -> None:
    assert GROUPS["alone"] == tuple((verb, "") for verb in VERBS)
    row = Row("alone", "man", "kicking", "", True, False, True, None)
    assert row.both and not Row("rare", "man", "kicking", "ball", True, False, True, None).both
