from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from record.backbone import Backbone
from record.backbone.preview import Colours

MIXED = torch.tensor([[0.5, 0.1, 0.2], [0.0, 0.7, -0.3], [0.4, 0.0, 0.9], [1.0, 1.0, 1.0]])
"""Four channels of three colours."""


def encode(pictures: Tensor) -> Tensor:
    """Latents that are a linear map of small pictures."""
    return torch.einsum("lc,bchw->blhw", MIXED, avg_pool2d(pictures, 8)) + 0.25


def test_a_linear_encoder_is_undone_exactly() -> None:
    colours = Colours.fit(encode, 64)
    picture = torch.rand((1, 3, 64, 64), generator=torch.Generator().manual_seed(3))
    wanted = (avg_pool2d(picture, 8)[0].movedim(0, -1) * 255).round().numpy()
    shown = colours.picture(encode(picture * 2 - 1)[0])
    assert shown.dtype == np.uint8 and shown.shape == (8, 8, 3)
    assert np.abs(shown.astype(int) - wanted).max() <= 1


def test_what_lies_outside_the_colours_is_clamped() -> None:
    shown = Colours.fit(encode, 64).picture(encode(torch.full((1, 3, 64, 64), 9.0))[0])
    assert (shown == 255).all()


def test_a_checkpoint_shows_its_latents_and_disturbs_no_random_numbers(backbone: Backbone) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    preview = backbone.preview(backbone.initial_noise(1))
    assert preview.shape == (*backbone.latent_shape[1:], 3) and preview.dtype == np.uint8
    assert torch.equal(torch.rand(1), expected)
