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


def reduced(pictures: Bytes, side: int) -> Bytes:
    """uint8 (N, H, H, 3) to (N, side, side, 3) by means; H is a multiple of `side`, ValueError if not."""
    count, height = pictures.shape[:2]
    factor, rest = divmod(height, side)
    if rest or not factor:
        raise ValueError(
            f"pictures of {height} pixels cannot be reduced to {side}: give a multiple of {side}"
        )
    if factor == 1:
        return pictures
    means = pictures.reshape(count, side, factor, side, factor, 3).mean(axis=(2, 4), dtype=np.float32)
    return np.asarray(np.rint(means), dtype=np.uint8)


def psnr(squared: float) -> float:
    """Peak signal-to-noise ratio in dB for a mean squared error of values in -1..1."""
    return 10 * math.log10(4 / max(squared, 1e-12))
