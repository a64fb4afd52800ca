"""Random checkpoints with the real blocks of Stable Diffusion 1.x, 2.x and XL, a few channels wide.

Latents are 32 x 32, so that level 1 of the UNet has the 16 x 16 cells at which maps are read.
"""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizerFast

WORDS = "a an the woman man is are kicking holding ball box in park photo of".split()
KINDS = ("sd1", "sd2", "sd2_v", "sdxl")
QUICK = "quick"
"""Version 1 with three levels and no attention at the first, as the shipped miniature: quick to run."""
NOISE: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
THREE_LEVELS: dict[str, Any] = {
    "block_out_channels": (16, 32, 32),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
}
FOUR_LEVELS: dict[str, Any] = {
    "block_out_channels": (16, 32, 32, 32),
    "down_block_types": (*("CrossAttnDownBlock2D",) * 3, "DownBlock2D"),
    "up_block_types": ("UpBlock2D", *("CrossAttnUpBlock2D",) * 3),
}


def save(kind: str, folder: Path, **changes: Any) -> Path:
    """Write a checkpoint of one of `KINDS`, or a `QUICK` one; `changes` go to its UNet."""
    torch.manual_seed(0)
    makers = {"sd1": _sd1, "sd2": _sd2, "sd2_v": _sd2_v, "sdxl": _sdxl, QUICK: _quick}
    makers[kind](folder, changes).save_pretrained(folder)
    return folder


def _sd1(folder: Path, changes: dict[str, Any]) -> StableDiffusionPipeline:
    tokenizer = _tokenizer(folder / "tokenizer", "<|endoftext|>")
    scheduler = PNDMScheduler(**NOISE, skip_prk_steps=True, steps_offset=1)
    unet = _unet(FOUR_LEVELS | {"cross_attention_dim": 32, "attention_head_dim": 2} | changes)
    return _pipeline(tokenizer, CLIPTextModel(_text(tokenizer)), unet, scheduler)


def _quick(folder: Path, changes: dict[str, Any]) -> StableDiffusionPipeline:
    return _sd1(folder, THREE_LEVELS | changes)


def _sd2(folder: Path, changes: dict[str, Any], prediction_type: str = "epsilon") -> StableDiffusionPipeline:
    """Version 2's text tower, linear projections, and a list of heads; `attention_head_dim` counts them."""
    tokenizer = _tokenizer(folder / "tokenizer", "!")
    scheduler = DDIMScheduler(
        **NOISE, clip_sample=False, set_alpha_to_one=False, steps_offset=1, prediction_type=prediction_type
    )
    heads = {"attention_head_dim": (1, 2, 4, 4), "use_linear_projection": True, "cross_attention_dim": 32}
    return _pipeline(
        tokenizer,
        CLIPTextModel(_text(tokenizer, hidden_act="gelu")),
        _unet(FOUR_LEVELS | heads | changes),
        scheduler,
    )


def _sd2_v(folder: Path, changes: dict[str, Any]) -> StableDiffusionPipeline:
    return _sd2(folder, {"upcast_attention": True} | changes, prediction_type="v_prediction")


def _sdxl(folder: Path, changes: dict[str, Any]) -> StableDiffusionXLPipeline:
    """Two towers of 32 and 48 channels; no attention at the first level, two layers deep below."""
    tokenizer, second = (
        _tokenizer(folder / "tokenizer", "<|endoftext|>"),
        _tokenizer(folder / "tokenizer_2", "!"),
    )
    unet = _unet(
        THREE_LEVELS
        | {
            "transformer_layers_per_block": (1, 2, 2),
            "attention_head_dim": (1, 2, 4),
            "use_linear_projection": True,
            "cross_attention_dim": 32 + 48,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 48 + 6 * 8,
        }
        | changes
    )
    return StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=CLIPTextModel(_text(tokenizer)),
        text_encoder_2=CLIPTextModelWithProjection(_text(second, 48, hidden_act="gelu")),
        tokenizer=tokenizer,
        tokenizer_2=second,
        unet=unet,
        scheduler=EulerDiscreteScheduler(**NOISE, timestep_spacing="leading", steps_offset=1),
    )


def _pipeline(
    tokenizer: Any, text_encoder: Any, unet: UNet2DConditionModel, scheduler: Any
) -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        vae=_vae(), text_encoder=text_encoder, tokenizer=tokenizer, unet=unet, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip


def _unet(config: dict[str, Any]) -> UNet2DConditionModel:
    fixed = {"sample_size": 32, "in_channels": 4, "out_channels": 4, "layers_per_block": 1}
    return UNet2DConditionModel(**{**fixed, "norm_num_groups": 8, **config})


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8), norm_num_groups=4, latent_channels=4, sample_size=64,
        down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
    )  # fmt: skip


def _text(tokenizer: CLIPTokenizerFast, width: int = 32, **more: Any) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=width, intermediate_size=2 * width, num_hidden_layers=3,
        num_attention_heads=2, max_position_embeddings=16, projection_dim=width,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, **more,
    )  # fmt: skip


def _tokenizer(folder: Path, pad: str) -> CLIPTokenizerFast:
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    words = [w for w in WORDS if w != "ball"]  # "ball" stays four tokens, to test spans
    vocabulary = dict.fromkeys(["!", *letters, *(f"{c}</w>" for c in letters)])
    merges: list[str] = []
    for word in words:
        merges += _merges(word, vocabulary)
    tokens = [*vocabulary, "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *dict.fromkeys(merges)]) + "\n")
    return CLIPTokenizerFast(
        vocab=str(folder / "vocab.json"),
        merges=str(folder / "merges.txt"),
        model_max_length=16,
        pad_token=pad,
    )


def _merges(word: str, vocabulary: dict[str, None]) -> list[str]:
    pieces = [*word[:-1], f"{word[-1]}</w>"]
    merges = []
    while len(pieces) > 1:
        merges.append(f"{pieces[0]} {pieces[1]}")
        pieces[:2] = [pieces[0] + pieces[1]]
        vocabulary[pieces[0]] = None
    return merges


def inside(part: object) -> Any:
    """A part as diffusers or transformers has it: the product's types name only what the product uses."""
    return part
