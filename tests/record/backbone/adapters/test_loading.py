import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from record.backbone import Backbone
from record.backbone.adapters import load_adapter
from record.errors import CheckpointError
from tests.checkpoints import inside, save

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(open_adapter: Path, tmp_path: Path) -> Path:
    """A copy of the adapter to spoil."""
    return Path(shutil.copytree(open_adapter, tmp_path / "adapter"))


def respell(folder: Path, changes: dict[str, torch.Tensor | None]) -> None:
    """Replace or drop weights."""
    file = folder / "unet" / WEIGHTS
    weights = load_file(file) | {key: weight for key, weight in changes.items() if weight is not None}
    save_file({key: w for key, w in weights.items() if changes.get(key, w) is not None}, file)


def test_every_weight_of_the_file_arrives(backbone: Backbone, open_adapter: Path) -> None:
    adapter = load_adapter(backbone.pipeline, open_adapter)
    written = load_file(open_adapter / "unet" / WEIGHTS)
    loaded = {f"position_net.{key}": w for key, w in adapter.tokens.state_dict().items()}
    for block, layer in adapter.layers.items():
        loaded |= {f"{block}.fuser.{key}": w for key, w in layer.state_dict().items()}
    assert set(written) - set(loaded) == set(inside(backbone.unet).state_dict())
    assert all(torch.equal(weight, written[key]) for key, weight in loaded.items())
    assert "down_blocks.0.attentions.0.transformer_blocks.0.fuser.attn.to_out.0.weight" in loaded
    assert not any(weight.requires_grad for weight in adapter.tokens.parameters())


def test_half_precision_weights_are_found_and_cast(backbone: Backbone, folder: Path) -> None:
    weights = load_file(folder / "unet" / WEIGHTS)
    (folder / "unet" / WEIGHTS).unlink()
    file = folder / "unet" / WEIGHTS.replace(".s", ".fp16.s")
    save_file({key: weight.half() for key, weight in weights.items()}, file)
    adapter = load_adapter(backbone.pipeline, folder)
    assert adapter.tokens.null_action_feature.dtype == torch.float32


def test_missing_parts_are_named(backbone: Backbone, folder: Path) -> None:
    respell(folder, {"position_net.linear_action.0.bias": None})
    with pytest.raises(CheckpointError, match=r"lacks 1 of \d+ weights \(position_net.linear_action.0.bias"):
        load_adapter(backbone.pipeline, folder)
    (folder / "unet" / WEIGHTS).unlink()
    with pytest.raises(CheckpointError, match=r"none of unet/diffusion_pytorch_model\.safetensors"):
        load_adapter(backbone.pipeline, folder)
    with pytest.raises(CheckpointError, match=r"no unet/config\.json: give the folder"):
        load_adapter(backbone.pipeline, folder / "nowhere")


def test_weights_without_a_place_are_named(backbone: Backbone, folder: Path) -> None:
    respell(folder, {"down_blocks.9.fuser.linear.bias": torch.zeros(1)})
    with pytest.raises(CheckpointError, match=r"no place for \(down_blocks\.9\.fuser\.linear\.bias"):
        load_adapter(backbone.pipeline, folder)


def test_weights_of_another_shape_are_named(backbone: Backbone, folder: Path) -> None:
    respell(folder, {"position_net.interaction_embedding.emb.weight": torch.zeros(32, 32)})
    with pytest.raises(CheckpointError, match=r"emb\.weight is \(32, 32\), not \(30, 32\)"):
        load_adapter(backbone.pipeline, folder)


def test_a_file_that_is_cut_off_is_refused(backbone: Backbone, folder: Path) -> None:
    file = folder / "unet" / WEIGHTS
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_adapter(backbone.pipeline, folder)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"attention_type": "default"}, "attention_type is 'default'"),
        ({"cross_attention_dim": 768}, "cross_attention_dim 768, the checkpoint's is 32"),
        ({"block_out_channels": [320, 640, 1280, 1280]}, "block_out_channels"),
    ],
)
def test_a_unet_of_another_kind_is_refused(
    backbone: Backbone, folder: Path, changes: dict[str, object], reason: str
) -> None:
    file = folder / "unet" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(CheckpointError, match=reason):
        load_adapter(backbone.pipeline, folder)


def test_checkpoints_that_cannot_take_it_are_refused(
    checkpoint_of: Callable[[str], Path], open_adapter: Path, tmp_path: Path
) -> None:
    with pytest.raises(CheckpointError, match="one text encoder"):
        Backbone.from_pretrained(checkpoint_of("sdxl"), adapter=open_adapter)
    with pytest.raises(CheckpointError, match="plain Stable Diffusion checkpoint"):
        Backbone.from_pretrained(save("sd1", tmp_path, attention_type="gated"), adapter=open_adapter)
