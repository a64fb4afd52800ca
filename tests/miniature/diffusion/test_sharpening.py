from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from miniature.diffusion import dataset
from miniature.diffusion.sharpening import Redrawn, Sharpener, make_critic, sharpen
from miniature.diffusion.vae import edge_loss, make_vae
from miniature.training.pixels import to_tensor
from miniature.world import draw


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    rng = random.Random(0)
    return to_tensor(np.stack([draw(rng).image for _ in range(2)]))


def test_edges_count_half() -> None:
    flat, striped = torch.zeros(1, 1, 2, 4), torch.tensor([0.0, 1, 0, 1]).expand(1, 1, 2, 4)
    assert edge_loss(striped, flat) == pytest.approx(0.5)
    assert edge_loss(striped, striped) == 0


def test_the_critic_scores_patches_of_eight_pixels(pictures: torch.Tensor) -> None:
    assert make_critic()(pictures).shape == (2, 1, 32, 32)


def test_a_step_moves_the_decoder_alone_and_the_critic(pictures: torch.Tensor) -> None:
    torch.manual_seed(0)
    sharpener = Sharpener(make_vae())
    before = {name: weight.detach().clone() for name, weight in sharpener.vae.named_parameters()}
    critic = [weight.detach().clone() for weight in sharpener.critic.parameters()]
    coded = torch.randn(2, 4, 32, 32)
    for heard in (False, True):
        told = sharpener.step(pictures, coded, 1e-3, heard=heard)
        assert told["error"] > 0 and told["critic"] > 0
    moved = {
        name for name, weight in sharpener.vae.named_parameters() if not torch.equal(weight, before[name])
    }
    assert moved and all(name.startswith(("decoder.", "post_quant_conv.")) for name in moved)
    assert any(not torch.equal(a, b) for a, b in zip(critic, sharpener.critic.parameters(), strict=True))


def test_how_loud_the_critic_is_follows_the_error(pictures: torch.Tensor) -> None:
    """Its gradient at the last layer is half as large as the error's, whatever its scores are."""
    torch.manual_seed(0)
    sharpener = Sharpener(make_vae())
    last = sharpener.vae.decoder.conv_out.weight
    made = sharpener.vae.decode(torch.randn(2, 4, 32, 32)).sample
    error = (made - pictures).abs().mean()
    told = sharpener._told(error, made)
    sizes = [torch.autograd.grad(loss, last, retain_graph=True)[0].norm() for loss in (told, error)]
    assert float(sizes[0] / sizes[1]) == pytest.approx(0.5, rel=1e-3)


@pytest.mark.slow
def test_a_decoder_is_trained_and_saved(tmp_path: Path) -> None:
    data, latents = dataset.write(tmp_path / "pictures", 4, processes=1), torch.randn(4, 4, 32, 32).half()
    again = Redrawn(torch.tensor([1, 3]), latents[[1, 3]])
    made = sharpen(make_vae(), data, latents, again, tmp_path / "vae", 0.05)
    kept = AutoencoderKL.from_pretrained(tmp_path / "vae")
    for one, other in zip(made.parameters(), kept.parameters(), strict=True):
        assert torch.equal(one, other)
