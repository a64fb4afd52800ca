"""The random checkpoints of the GPU table draw, at a size that a test can afford."""

import torch

from benchmarks.engine.gpu import random_backbone, tera_operations
from benchmarks.engine.memory import SIZES, Size
from record.engine.engine import Engine
from record.settings import Settings

SMALL_VAE = {"block_out_channels": (32,), "down_block_types": ("DownEncoderBlock2D",),
             "up_block_types": ("UpDecoderBlock2D",), "latent_channels": 4}  # fmt: skip


def small(size: Size) -> Size:
    """The same blocks, 32 channels wide, on latents of 64 x 64."""
    depth = len(size.config.get("block_out_channels", (320, 640, 1280, 1280)))
    narrow = {
        "block_out_channels": (32,) * depth, "sample_size": 64, "cross_attention_dim": 64,
        "attention_head_dim": 2, "layers_per_block": 1, "transformer_layers_per_block": 1,
    }  # fmt: skip
    if not size.added:
        return Size(size.name, {**size.config, **narrow}, 16)
    narrow |= {"cross_attention_dim": 128, "projection_class_embeddings_input_dim": 64 + 6 * 256}
    return Size(size.name, {**size.config, **narrow}, 16, {"text_embeds": (1, 64), "time_ids": (1, 6)})


def test_they_serve_a_request_and_its_operations_are_counted() -> None:
    for size in SIZES:
        engine = Engine(random_backbone(small(size), "cpu", torch.float32, SMALL_VAE))
        two, four = (tera_operations(engine, Settings(steps=steps, candidates=1)) for steps in (2, 4))
        assert 0 < two < four
