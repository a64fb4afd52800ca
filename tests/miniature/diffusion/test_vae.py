from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from miniature.diffusion.vae import make_vae, picture_loss
from miniature.diffusion.whitening import whiten
from miniature.training.pixels import psnr, to_bytes, to_tensor
from miniature.world import draw


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    rng = random.Random(0)
    return to_tensor(np.stack([draw(rng).image for _ in range(4)]))


def test_whitening_is_exact(pictures: torch.Tensor) -> None:
    torch.manual_seed(0)
    vae = make_vae().eval()
    with torch.no_grad():
        before = vae.decode(vae.encode(pictures).latent_dist.mean).sample
        whiten(vae, pictures)
        means = vae.encode(pictures).latent_dist.mean
        after = vae.decode(means).sample
    flat = means.permute(1, 0, 2, 3).flatten(1)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=0)
    torch.testing.assert_close(torch.cov(flat), torch.eye(4), atol=1e-3, rtol=0)
    torch.testing.assert_close(flat.mean(1), torch.zeros(4), atol=1e-3, rtol=0)
    assert vae.config.scaling_factor == 1.0 and means.shape == (4, 4, 32, 32)


def test_bytes_and_back(pictures: torch.Tensor) -> None:
    again = to_tensor(to_bytes(pictures))
    torch.testing.assert_close(again, pictures, atol=1e-5, rtol=0)
    assert pictures.min() >= -1 and pictures.max() <= 1


def test_the_loss_is_zero_for_the_wanted_picture(pictures: torch.Tensor) -> None:
    loss, squared = picture_loss(pictures, pictures)
    assert loss == 0 and squared == 0
    assert psnr(0.04) == pytest.approx(20.0)


def test_the_autoencoder_keeps_shapes() -> None:
    model = make_vae()
    latents = model.encode(torch.zeros(1, 3, 256, 256)).latent_dist.mean
    assert latents.shape == (1, 4, 32, 32)
    assert model.decode(latents).sample.shape == (1, 3, 256, 256)
    assert 1.5e6 < sum(p.numel() for p in model.parameters()) < 1.8e6
