"""Loading a checkpoint: a diffusers folder, a hub id, or one .safetensors file in the original layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import torch
from diffusers import (
    DiffusionPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.loaders.single_file_utils import (
    SingleFileComponentError,
    fetch_diffusers_config,
    load_single_file_checkpoint,
)
from diffusers.models.attention_processor import Attention
from safetensors import SafetensorError

from record.backbone.parts import Pipeline, Tokenizer, Unet, UnetConfig
from record.backbone.precision import Layers
from record.errors import CheckpointError
from record.facts import Family

PIPELINES: dict[str, type[DiffusionPipeline]] = {
    "StableDiffusionPipeline": StableDiffusionPipeline,
    "StableDiffusionXLPipeline": StableDiffusionXLPipeline,
}
EXTRAS = {"safety_checker": None, "feature_extractor": None, "image_encoder": None}
"""Parts a pipeline can go without."""
SMALLEST_MAP = 16
HUB_ID = re.compile(r"\w[\w.-]*(/[\w.-]+)?")
COMPLETE = "give a complete text-to-image checkpoint"
WHAT_TO_GIVE = "give a diffusers folder, a .safetensors file or a hub id"
LOADING_ERRORS = (OSError, ValueError, KeyError, RuntimeError, SafetensorError, SingleFileComponentError)


def load_pipeline(
    checkpoint: str,
    dtype_for: Callable[[Layers], torch.dtype],
    variant: str | None = None,
    config: str | None = None,
) -> Pipeline:
    """The diffusers pipeline of a checkpoint, its parts checked; CheckpointError says what is amiss.

    Its networks work in what `dtype_for` says of a UNet of that size.
    `variant` picks one of several sets of weights in a folder or hub repository ("fp16"). `config`
    goes with a single file: a diffusers folder or hub id of the same kind of model, for what the
    file does not hold (tokenizer, scheduler, sizes); without it the usual hub id is asked for.
    """
    is_file = _is_single_file(checkpoint)
    layout = checkpoint
    pipeline: Pipeline
    try:
        layout = (config or _usual_layout(checkpoint)) if is_file else checkpoint
        kind, dtype = _pipeline_class(checkpoint, layout), dtype_for(map_level(layout))
        if is_file:
            pipeline = kind.from_single_file(checkpoint, config=layout, dtype=dtype, **_extras(kind))
        else:
            pipeline = kind.from_pretrained(checkpoint, variant=variant, dtype=dtype, **_extras(kind))
    except LOADING_ERRORS as error:
        raise CheckpointError(_what_to_give(checkpoint, layout, error)) from error
    _check_parts(checkpoint, pipeline)
    _check_unet(checkpoint, pipeline.unet.config)
    return pipeline


def family_of(pipeline: Pipeline) -> Family:
    """The kind of a pipeline: XL by its class, 2.x by the linear projections that came with it."""
    if isinstance(pipeline, StableDiffusionXLPipeline):
        return "sdxl"
    return "sd2" if pipeline.unet.config.use_linear_projection else "sd1"


def map_edge(latent_edge: int) -> int:
    """Edge of the cross-attention maps the method reads: 16 for SD, 24 for SD 2.x at 768, 32 for SDXL."""
    return max(SMALLEST_MAP, latent_edge // 4)


def map_layers(unet: Unet) -> int:
    """Cross-attention layers whose maps are read; every level halves the edge of the one above."""
    edge, deepest = unet.config.sample_size, len(unet.down_blocks) - 1
    levels = [*range(deepest + 1), deepest, *range(deepest, -1, -1)]
    blocks = zip([*unet.down_blocks, unet.mid_block, *unet.up_blocks], levels, strict=True)
    read = [block for block, level in blocks if block is not None and edge >> level == map_edge(edge)]
    layers = [layer for block in read for layer in block.modules() if isinstance(layer, Attention)]
    return sum(layer.is_cross_attention for layer in layers)


def map_level(layout: str) -> Layers:
    """The size of the UNet's layers whose maps are read; of one that will be refused, any size."""
    try:
        found = UNet2DConditionModel.load_config(layout, subfolder="unet")
        cells = map_edge(found["sample_size"])
        level = (found["sample_size"] // cells).bit_length() - 1
        return Layers(int(found["block_out_channels"][level]), cells)
    except (OSError, KeyError, TypeError, IndexError):
        return Layers(640, SMALLEST_MAP)


def _is_single_file(checkpoint: str) -> bool:
    path = Path(checkpoint)
    if path.is_file() and path.suffix != ".safetensors":
        raise CheckpointError(f"{checkpoint!r} is not a .safetensors file: convert it, or give a folder")
    if path.exists():
        return path.is_file()
    if path.suffix == ".safetensors" or not HUB_ID.fullmatch(checkpoint):
        raise CheckpointError(f"there is no folder or file {checkpoint!r}: {WHAT_TO_GIVE}")
    return False


def _usual_layout(file: str) -> str:
    """The hub id diffusers takes tokenizer, scheduler and sizes from, by the names of the weights."""
    return str(fetch_diffusers_config(load_single_file_checkpoint(file))["pretrained_model_name_or_path"])


def _pipeline_class(checkpoint: str, layout: str) -> type[DiffusionPipeline]:
    name = DiffusionPipeline.load_config(layout).get("_class_name", "pipeline of unknown class")
    if name not in PIPELINES:
        raise CheckpointError(
            f"{checkpoint!r} is a {name} (model_index.json of {layout!r}): "
            f"use a text-to-image checkpoint of Stable Diffusion 1.x, 2.x or XL ({', '.join(PIPELINES)})"
        )
    return PIPELINES[name]


def _extras(kind: type[DiffusionPipeline]) -> dict[str, object]:
    """Loading arguments that leave out every extra part this pipeline class has."""
    expected, optional = kind._get_signature_keys(kind)
    without = {name: None for name in EXTRAS if name in expected}
    return without | ({"requires_safety_checker": False} if "requires_safety_checker" in optional else {})


def _what_to_give(checkpoint: str, layout: str, error: Exception) -> str:
    reason = str(error).strip().splitlines()[0].rstrip(".")
    if layout == checkpoint:
        return f"no Stable Diffusion checkpoint at {checkpoint!r} ({reason}): {WHAT_TO_GIVE}"
    return (
        f"cannot load {checkpoint!r} with tokenizer, scheduler and sizes of {layout!r} ({reason}): give a "
        "complete checkpoint, and as `config` a diffusers folder or hub id of the same kind of model"
    )


def _check_parts(checkpoint: str, pipeline: Pipeline) -> None:
    towers = ("text_encoder", "text_encoder_2") if hasattr(pipeline, "text_encoder_2") else ("text_encoder",)
    for name in ("unet", "vae", "scheduler", *towers):
        if getattr(pipeline, name, None) is None:
            raise CheckpointError(f"{checkpoint!r} has no {name}: {COMPLETE}")
    for name in ("unet", "vae", *towers):
        absent = [key for key, weight in getattr(pipeline, name).named_parameters() if weight.is_meta]
        if absent:
            raise CheckpointError(
                f"{checkpoint!r} lacks {len(absent)} weights of its {name} ({absent[0]}, ...): {COMPLETE}"
            )
    for tower in towers:
        name = tower.replace("text_encoder", "tokenizer")
        limit = getattr(pipeline, tower).config.max_position_embeddings
        _check_tokenizer(checkpoint, name, getattr(pipeline, name, None), limit)


def _check_tokenizer(checkpoint: str, name: str, tokenizer: Tokenizer | None, limit: int) -> None:
    """A tokenizer whose files are missing loads all the same, without words and without an end."""
    if tokenizer is None or set(tokenizer.get_vocab()) <= set(tokenizer.all_special_tokens):
        raise CheckpointError(f"{checkpoint!r} has no words in its {name}: {COMPLETE}")
    if tokenizer.model_max_length > limit:
        raise CheckpointError(
            f"{checkpoint!r}: its {name} fills up to {tokenizer.model_max_length} tokens, its text encoder "
            f"reads {limit}: set model_max_length in {name}/tokenizer_config.json"
        )


def _check_unet(checkpoint: str, unet: UnetConfig) -> None:
    if unet.in_channels != unet.out_channels:
        raise CheckpointError(
            f"{checkpoint!r}: its UNet takes {unet.in_channels} channels and predicts {unet.out_channels} "
            "(inpainting, depth or editing): give a text-to-image checkpoint"
        )
    if not isinstance(unet.sample_size, int):
        raise CheckpointError(
            f"{checkpoint!r}: its UNet's sample_size {unet.sample_size!r} is not one number: "
            "give a checkpoint for square pictures"
        )
    edge = map_edge(unet.sample_size)
    levels = [
        unet.sample_size >> level for level, kind in enumerate(unet.down_block_types) if "CrossAttn" in kind
    ]
    if edge not in levels:
        raise CheckpointError(
            f"{checkpoint!r}: its UNet has cross-attention at {levels or 'no'} cells a side, not at {edge}, "
            "where maps are read: give a checkpoint with the blocks of Stable Diffusion 1.x, 2.x or XL"
        )
