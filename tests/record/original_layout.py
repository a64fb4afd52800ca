"""Writes a diffusers pipeline as one .safetensors file with the key names of the original code.

The names are the inverse of what diffusers' converters read: UNet blocks numbered through, the
autoencoder's decoder levels counted from the finest, OpenCLIP towers with joined query, key and value.
"""

from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionXLPipeline
from safetensors.torch import save_file
from torch import Tensor

State = dict[str, Tensor]
UNET_ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
UNET_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
OPEN_CLIP = {
    "encoder.layers.": "transformer.resblocks.",
    "embeddings.token_embedding": "token_embedding",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm": "ln_final",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "fc1": "c_fc",
    "fc2": "c_proj",
    "self_attn": "attn",
}


def write(pipeline: Any, file: Path) -> Path:
    """Save UNet, autoencoder and text towers of an SD 1.x, 2.x or SDXL pipeline as one file."""
    first = {k.removeprefix("text_model."): v for k, v in pipeline.text_encoder.state_dict().items()}
    if isinstance(pipeline, StableDiffusionXLPipeline):
        towers = _prefixed("conditioner.embedders.0.transformer.text_model.", first)
        towers |= _prefixed(
            "conditioner.embedders.1.model.", _open_clip(pipeline.text_encoder_2.state_dict())
        )
    elif pipeline.text_encoder.config.hidden_act == "gelu":
        towers = _prefixed("cond_stage_model.model.", _open_clip(first))
    else:
        towers = _prefixed("cond_stage_model.transformer.text_model.", first)
    weights = towers | _prefixed("model.diffusion_model.", _unet(pipeline.unet))
    weights |= _prefixed("first_stage_model.", _vae(pipeline.vae))
    save_file({name: weight.contiguous() for name, weight in weights.items()}, file)
    return file


def _prefixed(prefix: str, state: State) -> State:
    return {prefix + name: weight for name, weight in state.items()}


def _replaced(name: str, names: dict[str, str]) -> str:
    for ours, theirs in names.items():
        name = name.replace(ours, theirs)
    return name


def _unet(unet: Any) -> State:
    per_block = unet.config.layers_per_block + 1
    has_attention = ["CrossAttn" in kind for kind in unet.config.up_block_types]

    def place(name: str) -> str:
        side, *rest = name.split(".")
        if side not in ("down_blocks", "mid_block", "up_blocks"):
            return _replaced(name, UNET_ENDS)
        if side == "mid_block":
            kind, index, *inner = rest
            return f"middle_block.{2 * int(index) if kind == 'resnets' else 1}.{_inner(kind, inner)}"
        block, kind, index, *inner = rest
        first = int(block) * per_block
        if side == "down_blocks":
            number = first + 1 + (per_block - 1 if kind == "downsamplers" else int(index))
            part = {"resnets": "0", "attentions": "1", "downsamplers": "0.op"}[kind]
            return f"input_blocks.{number}.{part}.{_inner(kind, inner)}"
        number = first + (per_block - 1 if kind == "upsamplers" else int(index))
        after = "2" if has_attention[int(block)] else "1"
        part = {"resnets": "0", "attentions": "1", "upsamplers": f"{after}.conv"}[kind]
        return f"output_blocks.{number}.{part}.{_inner(kind, inner)}"

    return {place(name): weight for name, weight in unet.state_dict().items()}


def _inner(kind: str, parts: list[str]) -> str:
    if kind == "resnets":
        return _replaced(".".join(parts), UNET_RESNET)
    return ".".join(parts[1:] if kind.endswith("samplers") else parts)


def _vae(vae: Any) -> State:
    levels = len(vae.config.block_out_channels)

    def place(name: str) -> str:
        coder, *rest = name.split(".")
        inner = ".".join(rest).replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
        inner = inner.replace("mid_block.resnets.0", "mid.block_1").replace(
            "mid_block.resnets.1", "mid.block_2"
        )
        if "attentions" in inner:
            inner = _replaced(inner.replace("mid_block.attentions.0", "mid.attn_1"), VAE_ATTENTION)
        for i in range(levels):
            inner = inner.replace(f"down_blocks.{i}.", f"down.{i}.")
            inner = inner.replace(f"up_blocks.{i}.", f"up.{levels - 1 - i}.")
        inner = inner.replace("resnets", "block").replace("samplers.0", "sample")
        return f"{coder}.{inner}"

    def shaped(name: str, weight: Tensor) -> Tensor:
        is_projection = ".attn_1." in name and weight.ndim == 2
        return weight[:, :, None, None] if is_projection else weight  # 1 x 1 convolutions there

    named = {place(name): weight for name, weight in vae.state_dict().items()}
    return {name: shaped(name, weight) for name, weight in named.items()}


def _open_clip(state: State) -> State:
    state = {name.removeprefix("text_model."): weight for name, weight in state.items()}
    found: State = {}
    for name, weight in state.items():
        if name == "text_projection.weight":
            found["text_projection"] = weight.T
        elif ".q_proj." in name:
            joined = torch.cat([state[name.replace(".q_proj.", f".{one}_proj.")] for one in "qkv"])
            found[_replaced(name.replace(".q_proj.", ".in_proj_"), OPEN_CLIP)] = joined
        elif ".k_proj." not in name and ".v_proj." not in name:
            found[_replaced(name, OPEN_CLIP)] = weight
    return found
