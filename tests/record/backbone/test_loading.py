import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import load_file, save_file

from record.backbone import Backbone
from record.errors import CheckpointError
from tests.checkpoints import inside, save
from tests.record.original_layout import write

WITH_WEIGHTS = ("unet", "vae", "text_encoder", "text_encoder_2")
TWO_LEVELS = {
    "block_out_channels": (16, 32),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}


@pytest.fixture
def copy(checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint folder to spoil."""
    return Path(shutil.copytree(checkpoint, tmp_path / "copy"))


def test_a_single_file_holds_what_its_folder_holds(
    any_backbone: Backbone, any_checkpoint: Path, tmp_path: Path
) -> None:
    file = write(any_backbone.pipeline, tmp_path / "weights.safetensors")
    loaded = Backbone.from_pretrained(file, config=any_checkpoint)
    assert type(loaded.pipeline) is type(any_backbone.pipeline)
    assert loaded.scheduler.config == any_backbone.scheduler.config
    parts = [name for name in inside(any_backbone.pipeline).components if name in WITH_WEIGHTS]
    for name in parts:
        ours, theirs = (getattr(b.pipeline, name).state_dict() for b in (loaded, any_backbone))
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours), name
    text = "a woman is kicking a ball"
    assert torch.equal(loaded.encode(text).tokens, any_backbone.encode(text).tokens)


@pytest.mark.filterwarnings("ignore:The `local_dir_use_symlinks`")
def test_a_hub_id_is_read_from_the_cache(
    any_backbone: Backbone, any_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    repository = tmp_path / "models--some--model"
    shutil.copytree(any_checkpoint, repository / "snapshots/0123")
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text("0123")
    loaded = Backbone.from_pretrained("some/model")
    assert loaded.name == "some/model" and type(loaded.pipeline) is type(any_backbone.pipeline)
    assert torch.equal(inside(loaded.unet).conv_in.weight, inside(any_backbone.unet).conv_in.weight)


def test_variant_picks_its_weights(backbone: Backbone, copy: Path) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(copy, safety_checker=None, dtype=torch.float16)
    pipeline.unet.conv_in.bias.data.fill_(3)
    pipeline.save_pretrained(copy, variant="fp16")
    loaded = Backbone.from_pretrained(copy, variant="fp16")
    assert inside(loaded.unet).conv_in.bias.eq(3).all() and loaded.unet.dtype == torch.float32
    assert not inside(Backbone.from_pretrained(copy).unet).conv_in.bias.eq(3).any()


def test_the_sdxl_autoencoder_decodes_in_float32(checkpoint_of: Callable[[str], Path]) -> None:
    backbone = Backbone.from_pretrained(checkpoint_of("sdxl"), dtype=torch.float16)
    assert (backbone.unet.dtype, backbone.vae.dtype) == (torch.float16, torch.float32)
    inside(backbone.vae).decoder.conv_in.bias.data.fill_(1e5)  # beyond float16
    assert backbone.decode(backbone.initial_noise(0)[None])[0].std() > 0


def test_sizes_follow_from_the_checkpoint(any_backbone: Backbone) -> None:
    assert any_backbone.latent_shape == (4, 32, 32)
    assert any_backbone.picture_size == (64, 64)
    assert any_backbone.map_size == 16
    picture = any_backbone.decode(any_backbone.initial_noise(0)[None])[0]
    assert picture.shape == (64, 64, 3)


@pytest.mark.parametrize(("latent", "cells"), [(64, 16), (96, 24), (128, 32)])
def test_maps_are_read_at_a_quarter_of_the_latents(latent: int, cells: int, tmp_path: Path) -> None:
    kind = "sdxl" if latent == 128 else "sd2_v"
    assert Backbone.from_pretrained(save(kind, tmp_path, sample_size=latent)).map_size == cells


def test_nothing_there_says_what_to_give(tmp_path: Path) -> None:
    for absent in (tmp_path / "nothing", "nothing.safetensors", "./nothing"):
        with pytest.raises(CheckpointError, match="no folder or file.*nothing.*give a diffusers folder"):
            Backbone.from_pretrained(absent)
    with pytest.raises(CheckpointError, match="model_index.json.*give a diffusers folder"):
        Backbone.from_pretrained(tmp_path)


@pytest.mark.parametrize(
    "name", ["FluxPipeline", "StableDiffusion3Pipeline", "StableDiffusionInpaintPipeline"]
)
def test_other_pipelines_are_refused_by_name(name: str, tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps({"_class_name": name}))
    with pytest.raises(CheckpointError, match=f"{tmp_path.name}.*is a {name}.*use a text-to-image"):
        Backbone.from_pretrained(tmp_path)


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder", "tokenizer", "scheduler"])
def test_a_missing_part_is_told(part: str, copy: Path) -> None:
    shutil.rmtree(copy / part)
    with pytest.raises(CheckpointError, match=f"{copy.name}.*(give a|set model_max_length)"):
        Backbone.from_pretrained(copy)


def test_the_sdxl_refiner_is_refused(checkpoint_of: Callable[[str], Path], tmp_path: Path) -> None:
    refiner = Path(shutil.copytree(checkpoint_of("sdxl"), tmp_path / "refiner"))
    index = json.loads((refiner / "model_index.json").read_text())
    index |= {"text_encoder": [None, None], "tokenizer": [None, None]}
    (refiner / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match="refiner.*has no text_encoder"):
        Backbone.from_pretrained(refiner)


def test_missing_weights_are_counted(copy: Path) -> None:
    file = copy / "unet/diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    del weights["conv_in.weight"]
    save_file(weights, file)
    with pytest.raises(CheckpointError, match="lacks 1 weights of its unet \\(conv_in.weight"):
        Backbone.from_pretrained(copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"in_channels": 9}, "takes 9 channels and predicts 4 \\(inpainting"),
        ({"sample_size": (32, 48)}, "sample_size.*not one number"),
        ({"sample_size": 128, **TWO_LEVELS}, "not at 32"),
    ],
)
def test_unets_of_other_uses_are_refused(change: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=message):
        Backbone.from_pretrained(save("sd1", tmp_path, **change))


@pytest.mark.filterwarnings("ignore:The `local_dir_use_symlinks`")
def test_a_single_file_without_config_says_what_it_lacks(
    backbone: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    file = write(backbone.pipeline, tmp_path / "weights.safetensors")
    with pytest.raises(CheckpointError, match="weights.safetensors.*stable-diffusion-v1-5.*as `config`"):
        Backbone.from_pretrained(file)


def test_files_that_are_no_checkpoints_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    adapter, pickle = tmp_path / "adapter.safetensors", tmp_path / "weights.ckpt"
    save_file({"lora_unet.alpha": torch.zeros(1)}, adapter)
    pickle.write_bytes(b"")
    with pytest.raises(CheckpointError, match="adapter.*give a complete checkpoint"):
        Backbone.from_pretrained(adapter, config=checkpoint)
    with pytest.raises(CheckpointError, match="weights.ckpt' is not a .safetensors file"):
        Backbone.from_pretrained(pickle)


@pytest.mark.parametrize(
    ("kind", "family"), [("sd1", "sd1"), ("sd2", "sd2"), ("sd2_v", "sd2"), ("sdxl", "sdxl")]
)
def test_a_checkpoint_says_what_kind_of_model_it_is(
    checkpoint_of: Callable[[str], Path], kind: str, family: str
) -> None:
    assert Backbone.from_pretrained(checkpoint_of(kind)).facts.family == family
