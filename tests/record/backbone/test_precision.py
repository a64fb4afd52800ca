"""What "auto" means, and that lower precision leaves noise, latents and seeds alone."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

from record.backbone import Backbone, precision
from record.backbone.precision import Clock, Layers, measured, stopwatch, torch_dtype

LAYERS = Layers(64, 16)


def clock(short: float) -> Clock:
    """A second for float32, `short` seconds for bfloat16, and sometimes more of both."""
    late = count()
    return lambda dtype, _: lambda: (1 if dtype == torch.float32 else short) + next(late) % 3 / 2


@pytest.mark.parametrize(
    ("short", "dtype"), [(0.5, "bfloat16"), (0.9, "bfloat16"), (0.95, "float32"), (1.4, "float32")]
)
def test_bfloat16_has_to_be_a_tenth_faster(tmp_path: Path, short: float, dtype: str) -> None:
    assert measured(LAYERS, "one", tmp_path, clock(short)).dtype == dtype


def test_what_was_found_on_a_machine_stays(tmp_path: Path) -> None:
    found = measured(LAYERS, "one", tmp_path, clock(0.5))
    assert measured(LAYERS, "one", tmp_path, clock(1.4)) == found
    assert measured(LAYERS, "another", tmp_path, clock(1.4)).dtype == "float32"
    assert measured(Layers(640, 16), "one", tmp_path, clock(1.4)).dtype == "float32"


def test_a_finding_that_cannot_be_read_or_kept_is_made_again(tmp_path: Path) -> None:
    measured(LAYERS, "one", tmp_path, clock(0.5))
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    assert measured(LAYERS, "one", tmp_path, clock(1.4)).dtype == "float32"
    assert measured(LAYERS, "one", file, clock(1.4)).dtype == "float32"  # a file, not a folder


def test_the_real_clock_times_either_dtype() -> None:
    assert all(0 < stopwatch(dtype, LAYERS)() < 60 for dtype in (torch.float32, torch.bfloat16))


def test_auto_is_what_was_measured_for_the_checkpoint_s_size(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Layers] = []

    def faster(dtype: torch.dtype, layers: Layers) -> Callable[[], float]:
        asked.append(layers)
        return lambda: 1.0 if dtype == torch.float32 else 0.5

    monkeypatch.setenv("RECORD_CACHE", str(tmp_path))
    monkeypatch.setattr(precision, "stopwatch", faster)
    precision._measured.cache_clear()
    with caplog.at_level("INFO", "record"):
        loaded = Backbone.from_pretrained(checkpoint, dtype="auto")
    precision._measured.cache_clear()
    assert loaded.dtype == loaded.unet.dtype == torch.bfloat16
    assert {layers.cells for layers in asked} == {loaded.map_size}
    assert "auto precision: bfloat16 (float32 1000.00 ms, bfloat16 500.00 ms)" in caplog.text


def test_a_named_dtype_is_taken_as_it_is() -> None:
    assert torch_dtype("float16", "cpu", LAYERS) == torch.float16
    assert torch_dtype(torch.float32, "cuda", LAYERS) == torch.float32


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
