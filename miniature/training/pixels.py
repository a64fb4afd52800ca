"""Pictures as bytes and as the networks take them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch

Bytes = npt.NDArray[np.uint8]
"""Pictures, uint8 (B, H, W, 3), or shares of cells, 255 is all."""


def to_tensor(pictures: Bytes) -> torch.Tensor:
    """uint8 (B, H, W, 3) to float (B, 3, H, W) in -1..1, channels last in memory."""
    values = torch.tensor(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return values.contiguous(memory_format=torch.channels_last)


def to_bytes(values: torch.Tensor) -> Bytes:
    """Float (B, 3, H, W) in -1..1 to uint8 (B, H, W, 3)."""
    scaled = values.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1)
    return np.ascontiguousarray(scaled.numpy())


def psnr(squared: float) -> float:
    """Peak signal-to-noise ratio in dB for a mean squared error of values in -1..1."""
    return 10 * math.log10(4 / max(squared, 1e-12))
