"""What the models of a service take: counted from their published shapes, without a GPU."""

from __future__ import annotations

from dataclasses import dataclass

from record.errors import SettingsError
from record.nearest import remedy

MIB = 2**20
GIB = 2**30
BYTES = 2
"""Of a weight in bfloat16."""


@dataclass(frozen=True)
class Checkpoint:
    """A diffusion checkpoint in bfloat16.

    Parameters in millions; memory beside the weights in MiB, of one row of a UNet call, of one row with its
    backward pass (and that with gradient checkpointing), and of decoding one picture; 10^12 operations of a
    row. `step_s` is what a step takes however few rows it has: launching kernels (an assumption). `sent_mib`
    is what crosses replicas for a request of five candidates.
    """

    name: str
    unet_millions: float
    text_millions: float
    vae_millions: float
    row_mib: int
    guided_mib: int
    checkpointed_mib: int
    decode_mib: int
    row_tera: float
    step_s: float
    sent_mib: float

    @property
    def weights_gib(self) -> float:
        """All weights."""
        return (self.unet_millions + self.text_millions + self.vae_millions) * 1e6 * BYTES / GIB


@dataclass(frozen=True)
class Language:
    """A vision-language model in bfloat16: parameters in 10^9, KiB of cache a token, tokens it is given."""

    name: str
    billions: float
    token_kib: int
    context: int

    @property
    def weights_gib(self) -> float:
        """All weights."""
        return self.billions * 1e9 * BYTES / GIB

    @property
    def context_gib(self) -> float:
        """The cache of one request as long as it may be."""
        return self.context * self.token_kib / MIB


CHECKPOINTS = {
    one.name: one
    for one in (
        Checkpoint("sd14", 859.5, 123.1, 83.7, 65, 334, 128, 384, 0.803, 0.025, 10.0),
        Checkpoint("sdxl", 2567.5, 817.7, 83.7, 176, 4020, 1541, 1536, 6.761, 0.045, 38.0),
    )
}
QWEN3_VL_8B = Language("Qwen/Qwen3-VL-8B-Instruct", 8.77, 144, 16384)


def checkpoint_named(name: str) -> Checkpoint:
    """The checkpoint; SettingsError with the nearest name."""
    if name not in CHECKPOINTS:
        raise SettingsError(f"model={name!r}: {remedy(name, CHECKPOINTS, 'models')}", param="model")
    return CHECKPOINTS[name]
