"""What published checkpoints take, counted without running them: weights, memory and operations of a row.

The figures of `fleet.models` come from here (python -m benchmarks.engine --only sizes); a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from rich.table import Table
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from benchmarks.engine.live import LiveBytes
from benchmarks.engine.memory import MIB, SIZES, Size, checkpointed, default_dtype, engine, peak
from record.backbone.attention import AttentionPlan, controlled_attention

DTYPE = torch.bfloat16
TERA = 10**12
MILLION = 10**6


@dataclass(frozen=True)
class Counted:
    """One UNet and the autoencoder beside it, in bfloat16; memory is beside the weights."""

    unet_parameters: int
    vae_parameters: int
    row_bytes: int
    guided_row_bytes: int
    checkpointed_row_bytes: int
    decode_bytes: int
    row_operations: int


def counted(size: Size) -> Counted:
    """Count one published size."""
    with FakeTensorMode(), default_dtype(DTYPE), torch.no_grad():
        unet = UNet2DConditionModel(**size.config).eval()
        latents = torch.randn(1, 4, size.config["sample_size"], size.config["sample_size"])
        arguments = size.inputs()
        plan = AttentionPlan(reads=(0,), map_pixels=size.map_edge**2)
        with LiveBytes() as row, controlled_attention(unet, plan):
            unet(latents, **arguments, return_dict=False)
        attention = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}
        with FlopCounterMode(display=False, custom_mapping=attention) as operations:
            unet(latents, **arguments, return_dict=False)
        vae = _autoencoder()
        with LiveBytes() as decode:
            vae.decode(latents, return_dict=False)
    return Counted(
        unet_parameters=_parameters(unet),
        vae_parameters=_parameters(vae),
        row_bytes=int(row.peak),
        guided_row_bytes=peak(engine, size, DTYPE),
        checkpointed_row_bytes=peak(checkpointed, size, DTYPE),
        decode_bytes=int(decode.peak),
        row_operations=operations.get_total_flops(),
    )


def table() -> Table:
    """Every size in the units of `fleet.models`."""
    columns = ("UNet M", "VAE M", "row MiB", "guided MiB", "checkpointed MiB", "decode MiB", "row TFLOP")
    result = Table("counted", *columns, title=f"published sizes, {DTYPE}, counted without running")
    for size in SIZES:
        one = counted(size)
        memory = (one.row_bytes, one.guided_row_bytes, one.checkpointed_row_bytes, one.decode_bytes)
        result.add_row(
            size.name,
            *(f"{count / MILLION:.1f}" for count in (one.unet_parameters, one.vae_parameters)),
            *(f"{taken / MIB:.0f}" for taken in memory),
            f"{one.row_operations / TERA:.3f}",
        )
    return result


def _autoencoder() -> Any:
    """The autoencoder of both: eight pixels a latent."""
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
    )


def _parameters(network: Any) -> int:
    return sum(one.numel() for one in network.parameters())


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    """Operations of a fused attention, which torch's counter does not know on the CPU."""
    return int(sdpa_flop_count(query, key, value))  # type: ignore[no-untyped-call]
