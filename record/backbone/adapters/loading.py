"""Loading an adapter: the tokenizer and the gated layers out of a published InteractDiffusion UNet.

That UNet (huggingface.co/interactdiffusion/diffusers-v1-2, folder `unet`) is Stable Diffusion 1.5's
with `position_net.*` and, in every transformer block, `fuser.*` beside the frozen weights. Only those
two are read, so that they go with any fine-tuned Stable Diffusion 1.x.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention import GatedSelfAttentionDense
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from record.backbone.adapters.gated import Adapter, transformer_blocks
from record.backbone.adapters.interaction import InteractionTokens
from record.backbone.parts import Pipeline
from record.errors import CheckpointError

FILES = ("diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors")
SAME = ("cross_attention_dim", "block_out_channels", "attention_head_dim")
"""Settings of the UNet that the adapter's and the checkpoint's must share."""
REMEDY = "give the folder of interactdiffusion/diffusers-v1-2, with unet/config.json and unet/*.safetensors"
TOKENS, LAYER = "position_net", "fuser"


def load_adapter(pipeline: Pipeline, folder: str | Path) -> Adapter:
    """The adapter in `folder/unet`, on the pipeline's device and of its dtype.

    Raises CheckpointError if a file or a weight is missing, or if the checkpoint is of another kind.
    """
    name, unet = str(folder), pipeline.unet
    _check_kind(name, pipeline)
    blocks = transformer_blocks(unet)
    with torch.device("meta"):
        tokens = InteractionTokens(unet.config.cross_attention_dim)
        layers = {
            block: GatedSelfAttentionDense(
                part.dim, part.cross_attention_dim, part.num_attention_heads, part.attention_head_dim
            )
            for block, part in blocks.items()
        }
    parts = {TOKENS: tokens, **{f"{block}.{LAYER}": layer for block, layer in layers.items()}}
    found = _read(name, _weights_file(name))
    _check_weights(name, parts, found)
    for prefix, part in parts.items():
        part.load_state_dict({key: found[f"{prefix}.{key}"] for key in part.state_dict()}, assign=True)
        part.to(unet.device, unet.dtype).eval().requires_grad_(False)
    return Adapter(name, tokens, layers)


def _check_kind(name: str, pipeline: Pipeline) -> None:
    """Refuse what does not fit before the weights are read, by the two UNets' configurations."""
    try:
        config = UNet2DConditionModel.load_config(name, subfolder="unet", local_files_only=True)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"adapter {name!r} has no unet/config.json: {REMEDY}") from error
    if config.get("attention_type") != "gated":
        raise CheckpointError(
            f"adapter {name!r}: attention_type is {config.get('attention_type')!r} in unet/config.json, "
            f"not 'gated': {REMEDY}"
        )
    own = pipeline.unet.config
    if own.attention_type != "default" or getattr(pipeline, "text_encoder_2", None) is not None:
        raise CheckpointError(
            f"adapter {name!r} goes with a plain Stable Diffusion checkpoint of one text encoder: "
            "use a Stable Diffusion 1.x checkpoint"
        )
    for key in SAME:
        if _listed(config.get(key)) != _listed(own[key]):
            raise CheckpointError(
                f"adapter {name!r} is for a UNet of {key} {config.get(key)}, the checkpoint's is {own[key]}: "
                "use the kind of checkpoint it was trained on, Stable Diffusion 1.x"
            )


def _weights_file(name: str) -> Path:
    for file in FILES:
        if (path := Path(name) / "unet" / file).is_file():
            return path
    raise CheckpointError(f"adapter {name!r} has none of unet/{', unet/'.join(FILES)}: {REMEDY}")


def _read(name: str, file: Path) -> dict[str, Tensor]:
    """The adapter's weights and none of the frozen UNet's around them."""
    try:
        with safe_open(file, "pt") as weights:
            keys = [k for k in weights.keys() if k.startswith(f"{TOKENS}.") or f".{LAYER}." in k]  # noqa: SIM118
            return {key: weights.get_tensor(key) for key in keys}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"adapter {name!r}: {file.name} cannot be read ({error}): {REMEDY}") from error


def _check_weights(name: str, parts: Mapping[str, nn.Module], found: Mapping[str, Tensor]) -> None:
    wanted = {f"{prefix}.{key}": w for prefix, part in parts.items() for key, w in part.state_dict().items()}
    missing, extra = [k for k in wanted if k not in found], [k for k in found if k not in wanted]
    if missing:
        raise CheckpointError(
            f"adapter {name!r} lacks {len(missing)} of {len(wanted)} weights ({missing[0]}, ...): {REMEDY}"
        )
    if extra:
        raise CheckpointError(
            f"adapter {name!r} has {len(extra)} weights this checkpoint's UNet has no place for "
            f"({extra[0]}, ...): {REMEDY}"
        )
    for key, weight in wanted.items():
        if found[key].shape != weight.shape:
            raise CheckpointError(
                f"adapter {name!r}: {key} is {tuple(found[key].shape)}, not {tuple(weight.shape)}: {REMEDY}"
            )


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
