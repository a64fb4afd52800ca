"""What "auto" means, and that lower precision leaves noise, latents and seeds alone."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from record.backbone import Backbone
from record.backbone.precision import torch_dtype


@pytest.mark.parametrize(
    ("found", "dtype"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"bf16": True}, torch.bfloat16),
        ({"avx512_bf16": False, "avx2": True}, torch.float32),
        ({}, torch.float32),
    ],
)
def test_auto_is_what_the_processor_multiplies_natively(
    monkeypatch: pytest.MonkeyPatch, found: Mapping[str, bool], dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    assert torch_dtype("auto", "cpu") == dtype


def test_a_named_dtype_is_taken_as_it_is() -> None:
    assert torch_dtype("float16", "cpu") == torch.float16
    assert torch_dtype(torch.float32, "cuda") == torch.float32


def test_a_seed_s_noise_is_the_same_at_every_precision(checkpoint: Path, backbone: Backbone) -> None:
    half = Backbone.from_pretrained(checkpoint, dtype="bfloat16")
    assert half.unet.dtype == torch.bfloat16
    assert torch.equal(half.initial_noise(3), backbone.initial_noise(3))


def test_latents_stay_float32(checkpoint: Path, backbone: Backbone) -> None:
    half, noise, time = Backbone.from_pretrained(checkpoint, dtype="bfloat16"), backbone.initial_noise(0), 500
    exact, rounded = (
        one.denoise(noise[None], torch.tensor([time]), [one.encode("a man")]) for one in (backbone, half)
    )
    assert rounded.dtype == torch.float32
    assert torch.allclose(exact, rounded, atol=0.05 * float(exact.abs().max()))
    assert np.isfinite(half.decode(noise[None])[0]).all()
