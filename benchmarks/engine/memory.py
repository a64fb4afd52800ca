"""Peak memory of one guided step, for UNets of SD 1.4's and SDXL's size, without running them.

The networks are made of fake tensors: every shape is real and every allocation is counted, no number is
computed. Weights are the same for both ways and left out. What the loss itself takes is nothing beside
it, so the mean of the maps stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from rich.table import Table
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from benchmarks.engine.live import LiveBytes
from benchmarks.engine.yardstick import Explicit
from record.backbone import TokenRoles
from record.backbone.attention import AttentionPlan, Enough, controlled_attention

MIB = 2**20
TOKENS = 77


@dataclass(frozen=True)
class Size:
    """A published UNet's shape: its configuration, edge of the maps read, and what a row is told."""

    name: str
    config: dict[str, Any]
    map_edge: int
    added: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def inputs(self) -> dict[str, Any]:
        """The arguments of a call with one row, its latents aside."""
        return {
            "timestep": torch.tensor([500]),
            "encoder_hidden_states": torch.randn(1, TOKENS, self.config["cross_attention_dim"]),
            "added_cond_kwargs": {name: torch.randn(shape) for name, shape in self.added.items()},
        }


SIZES = (
    Size("SD 1.4, 512 x 512", {"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8}, 16),
    Size(
        "SDXL, 1024 x 1024",
        {
            "sample_size": 128,
            "cross_attention_dim": 2048,
            "block_out_channels": (320, 640, 1280),
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            "transformer_layers_per_block": [1, 2, 10],
            "attention_head_dim": [5, 10, 20],
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        },
        32,
        {"text_embeds": (1, 1280), "time_ids": (1, 6)},
    ),
)

Way = Callable[[Any, Size, Tensor, dict[str, Any]], object]
"""Forward and backward of one row: (unet, size, latents, arguments) -> nothing that is kept."""


def straightforward(unet: Any, size: Size, latents: Tensor, arguments: dict[str, Any]) -> None:
    """All probabilities written out, the whole forward run."""
    none = torch.zeros(TOKENS, dtype=torch.bool)
    control = Explicit(TokenRoles(*(none,) * 7), size.map_edge**2)
    unet.set_attn_processor(dict.fromkeys(unet.attn_processors, control))
    unet(latents, **arguments, return_dict=False)
    torch.autograd.grad(torch.stack(control.maps).mean(), latents)


def engine(unet: Any, size: Size, latents: Tensor, arguments: dict[str, Any]) -> None:
    """Probabilities only where they are read, and nothing after the last map."""
    with torch.no_grad():
        layers = _differentiate(unet, size, latents, arguments, None)
    _differentiate(unet, size, latents, arguments, layers)


def checkpointed(unet: Any, size: Size, latents: Tensor, arguments: dict[str, Any]) -> None:
    """The same, with every block's forward repeated in the backward pass."""
    unet.enable_gradient_checkpointing()
    engine(unet, size, latents, arguments)


def _differentiate(
    unet: Any, size: Size, latents: Tensor, arguments: dict[str, Any], stop_after: int | None
) -> int:
    plan = AttentionPlan(reads=(0,), map_pixels=size.map_edge**2, stop_after=stop_after)
    with controlled_attention(unet, plan) as maps:
        try:
            unet(latents, **arguments, return_dict=False)
        except Enough:
            pass
        layers, mean = len(maps.layers), maps.mean().mean()
        if mean.requires_grad:
            torch.autograd.grad(mean, latents)
    return layers


@contextmanager
def default_dtype(dtype: torch.dtype) -> Iterator[None]:
    """New tensors are of `dtype` inside the block: fake ones cannot be converted afterwards."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def peak(way: Way, size: Size, dtype: torch.dtype) -> int:
    """Bytes that forward and backward of one row hold at once, weights aside."""
    with FakeTensorMode(), default_dtype(dtype):
        unet = UNet2DConditionModel(**size.config).eval().requires_grad_(False)
        edge = size.config["sample_size"]
        latents = torch.randn(1, 4, edge, edge).requires_grad_(True)
        arguments = size.inputs()
        with LiveBytes() as counted:
            way(unet, size, latents, arguments)
        return int(counted.peak)


def table(dtype: torch.dtype = torch.float16) -> Table:
    """MiB of every way, and its share of the straightforward one's."""
    result = Table("guided step of", "way", "MiB", "share", title=f"peak memory a row, {dtype}")
    for size in SIZES:
        first = 0
        for way in (straightforward, engine, checkpointed):
            taken = peak(way, size, dtype)
            first = first or taken
            result.add_row(size.name, way.__name__, f"{taken / MIB:.0f}", f"{taken / first:.2f}")
    return result
