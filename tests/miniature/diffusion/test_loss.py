from __future__ import annotations

from pathlib import Path

import pytest
import torch

from miniature.diffusion.dataset import read, write
from miniature.diffusion.loss import attention_loss
from miniature.diffusion.models import AttentionReader, make_unet
from miniature.training.progress import Budget, rate


def test_attention_loss_falls_as_the_map_fits() -> None:
    masks = torch.zeros(1, 2, 256)
    masks[0, 0, :32] = 1
    nouns = torch.zeros(1, 2, 5, dtype=torch.bool)
    nouns[0, 0, 2:4] = True  # a word of two tokens: their maps are added
    good, bad = torch.zeros(1, 256, 5), torch.zeros(1, 256, 5)
    good[0, :32, 2:4], bad[0, 100:132, 2:4] = 0.5, 0.5
    weight = torch.ones(1)
    assert attention_loss(good, nouns, masks, weight) < 0.01 < attention_loss(bad, nouns, masks, weight)
    assert attention_loss(bad, nouns, masks, torch.zeros(1)) == 0
    assert attention_loss(bad, torch.zeros_like(nouns), masks, weight) == 0


def test_reading_attention_changes_nothing() -> None:
    torch.manual_seed(0)
    unet = make_unet().eval()
    latents, context = torch.randn(2, 4, 32, 32), torch.randn(2, 20, 128)
    with torch.no_grad():
        plain = unet(latents, 500, context).sample
        reader = AttentionReader(unet)
        read_out = unet(latents, 500, context).sample
    torch.testing.assert_close(read_out, plain, atol=1e-4, rtol=1e-4)
    maps = reader.take()
    assert maps.shape == (2, 256, 20)
    torch.testing.assert_close(maps.sum(-1), torch.ones(2, 256))
    reader.unread()
    assert "Recorder" not in str(unet.attn_processors)


def test_learning_rate_warms_stays_and_falls() -> None:
    assert rate(1.0, 0, 0.0) < 0.1
    assert rate(1.0, 500, 0.3, flat=0.4) == pytest.approx(1.0)
    assert rate(1.0, 500, 1.0, flat=0.4) == pytest.approx(0.02)
    assert Budget(1.0, earlier=30.0).share >= 0.5


def test_pictures_come_back_as_they_were_written(tmp_path: Path) -> None:
    written = write(tmp_path, 6, seed=3, processes=1)
    again = read(tmp_path)
    assert list(again.truths) == list(written.truths) and len(again) == 6
    assert (again.pictures == written.pictures).all() and again.masks.shape == (6, 2, 16, 16)
    for truth, masks in zip(again.truths, again.masks, strict=True):
        assert bool(truth.object_box) == bool(truth.object) == bool(masks[0].any())


def test_missing_pictures_say_how_to_draw_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="miniature.diffusion draw"):
        read(tmp_path)
