from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from miniature.diffusion import dataset, vae
from miniature.diffusion.learner import Learner
from miniature.diffusion.samples import Samples, digest_of, samples_of
from miniature.diffusion.tokenizer import make_tokenizer
from miniature.diffusion.unet import HELD_OUT, Plan, train
from miniature.world.bias import BIAS, Bias

COUNT = HELD_OUT + 40


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dataset.Dataset:
    return dataset.write(tmp_path_factory.mktemp("pictures"), 30, seed=3, processes=1)


@pytest.fixture(scope="module")
def samples() -> Samples:
    torch.manual_seed(0)
    tokenizer = make_tokenizer()
    ids = tokenizer(["a man is kicking a ball"] * COUNT, padding="max_length", return_tensors="pt").input_ids
    nouns = torch.zeros(COUNT, 2, ids.shape[1], dtype=torch.bool)
    nouns[:, 0, 6] = nouns[:, 1, 2] = True
    masks = torch.randint(0, 255, (COUNT, 2, 256), dtype=torch.uint8)
    return Samples(torch.randn(COUNT, 4, 32, 32).half(), ids, nouns, masks, ids[0])


def _learner() -> Learner:
    torch.manual_seed(5)
    unet = UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(8, 8),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=128,
        attention_head_dim=1,
        norm_num_groups=4,
    )
    return Learner.fresh(make_tokenizer(), unet)


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miniature.diffusion.unet._MEASURED", 32)
    torch.set_num_threads(1)


def test_a_run_that_was_stopped_goes_on_to_the_bit(samples: Samples, tmp_path: Path) -> None:
    whole = _learner()
    train(whole, samples, tmp_path / "whole.pt", Plan(5, steps=6), data="d")
    first, second = _learner(), _learner()
    train(first, samples, tmp_path / "part.pt", Plan(5, steps=3), data="d")
    torch.manual_seed(99)
    second.load(tmp_path / "part.pt", "d")
    train(second, samples, tmp_path / "part.pt", Plan(5, steps=6), data="d")
    assert second.step == whole.step == 6
    assert all(torch.equal(a, b) for a, b in zip(whole.weights(), second.weights(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(whole.average, second.average, strict=True))
    assert torch.equal(whole.order, second.order)


def test_the_signal_saves_and_ends(samples: Samples, tmp_path: Path) -> None:
    learner, path = _learner(), tmp_path / "unet.pt"
    before = signal.getsignal(signal.SIGTERM)
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    train(learner, samples, path, Plan(2), data="d")
    timer.join()
    assert torch.load(path, weights_only=True)["step"] == learner.step > 0
    assert "held_out" in path.with_suffix(".jsonl").read_text()
    assert signal.getsignal(signal.SIGTERM) is before


def test_cooling_leaves_the_flat_checkpoint_alone(samples: Samples, tmp_path: Path) -> None:
    learner, flat = _learner(), tmp_path / "unet.pt"
    train(learner, samples, flat, Plan(5, steps=2), data="d")
    kept = flat.read_bytes()
    train(learner, samples, tmp_path / "cooled.pt", Plan(0.02, cooling=True), data="d")
    assert flat.read_bytes() == kept and learner.step > 2


def test_another_vocabulary_or_other_data_is_refused(samples: Samples, tmp_path: Path) -> None:
    learner, path = _learner(), tmp_path / "unet.pt"
    learner.save(path, "d")
    with pytest.raises(ValueError, match="other pictures, captions or bias"):
        _learner().load(path, "e")
    _learner().load(path, None)
    learner.tokenizer = make_tokenizer(["a", "man", "umbrella"], ("umbrella",))
    learner.save(path, "d")
    with pytest.raises(ValueError, match="another vocabulary"):
        _learner().load(path, "d")


def test_pictures_on_disk_are_those_of_the_seed(data: dataset.Dataset, tmp_path: Path) -> None:
    again = dataset.write(tmp_path, 30, seed=3, processes=1)
    assert again.truths == data.truths and (again.pictures == data.pictures).all()
    assert data.captions(BIAS) == again.captions(BIAS)
    with pytest.raises(FileNotFoundError, match="draw them"):
        dataset.read(tmp_path / "nowhere")


def test_samples_mark_the_nouns(data: dataset.Dataset) -> None:
    tokenizer = make_tokenizer()
    captions, latents = data.captions(BIAS), torch.zeros(20, 4, 32, 32, dtype=torch.float16)
    made = samples_of(data, latents, captions, tokenizer)
    for truth, caption, nouns in zip(data.truths[:20], captions[:20], made.nouns, strict=True):
        assert nouns[0].any() == (truth.object in caption.split() and bool(truth.object))
        assert nouns[1].any() == bool(truth.subject)
    assert digest_of(latents, captions, BIAS) != digest_of(latents, captions, Bias(wrong=0.2))


def test_every_word_of_the_world_has_its_token() -> None:
    tokenizer = make_tokenizer()
    assert len(tokenizer("beach").input_ids) == 3 and len(tokenizer("bicycle").input_ids) == 4


def test_polishing_changes_the_decoder_alone(data: dataset.Dataset, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = vae.make_vae()
    coded = vae.encode(model, data, 0, 4)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    vae.polish(model, data, coded, tmp_path, 0.02)
    after = model.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in after if name.startswith(("enc", "quant")))
    assert not torch.equal(after["decoder.conv_out.weight"], before["decoder.conv_out.weight"])
    assert (tmp_path / "config.json").is_file()


def test_training_may_begin_with_exported_weights(tmp_path: Path) -> None:
    exported, other = _learner(), _learner()
    exported.unet.half().save_pretrained(tmp_path / "unet")
    exported.text.half().save_pretrained(tmp_path / "text_encoder")
    exported.tokenizer.save_pretrained(tmp_path / "tokenizer")
    with torch.no_grad():
        for weight in other.weights():
            weight.zero_()
    other.start_from(tmp_path)
    for found, wanted, mean in zip(other.weights(), exported.weights(), other.average, strict=True):
        assert torch.equal(found, wanted.float()) and torch.equal(found, mean)
    make_tokenizer(["a", "man", "umbrella"], ("umbrella",)).save_pretrained(tmp_path / "tokenizer")
    with pytest.raises(ValueError, match="another vocabulary"):
        other.start_from(tmp_path)
