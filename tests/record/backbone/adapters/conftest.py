"""A random adapter folder in the layout InteractDiffusion's diffusers weights have."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention import GatedSelfAttentionDense

from record.backbone import Backbone
from record.backbone.adapters.interaction import InteractionTokens
from tests.checkpoints import inside


def save_adapter(backbone: Backbone, folder: Path, gate: float) -> Path:
    """Write `unet/` as published: the whole UNet, with the adapter's weights among its own."""
    torch.manual_seed(1)
    unet = UNet2DConditionModel.from_config(dict(inside(backbone.unet.config)), attention_type="gated")
    unet.load_state_dict(inside(backbone.unet).state_dict(), strict=False)
    unet.position_net = InteractionTokens(unet.config.cross_attention_dim)
    for part in unet.position_net.parameters():
        torch.nn.init.normal_(part, std=0.5)
    for layer in unet.modules():
        if isinstance(layer, GatedSelfAttentionDense):
            layer.alpha_attn.data.fill_(gate)
            layer.alpha_dense.data.fill_(gate)
    unet.save_pretrained(folder / "unet")
    file = folder / "unet" / "config.json"
    config = json.loads(file.read_text()) | {"_class_name": "InteractDiffusionUNet2DConditionModel"}
    file.write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="session")
def checkpoint(checkpoint_of: Callable[[str], Path]) -> Path:
    """A checkpoint with every block of the real one, since the layers are found by their names."""
    return checkpoint_of("sd1")


@pytest.fixture(scope="session")
def backbone(checkpoint: Path) -> Backbone:
    """That checkpoint, loaded, without adapter."""
    return Backbone.from_pretrained(checkpoint)


@pytest.fixture(scope="session")
def open_adapter(backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter whose gates are open."""
    return save_adapter(backbone, tmp_path_factory.mktemp("open"), 0.5)


@pytest.fixture(scope="session")
def closed_adapter(backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter whose gates are at zero, as training starts."""
    return save_adapter(backbone, tmp_path_factory.mktemp("closed"), 0.0)


@pytest.fixture(scope="session")
def adapted(checkpoint: Path, open_adapter: Path) -> Backbone:
    """The Stable Diffusion 1.x checkpoint with the open adapter."""
    return Backbone.from_pretrained(checkpoint, adapter=open_adapter)
