"""The precision a checkpoint's networks work in; latents, maps and losses are float32 throughout."""

from __future__ import annotations

import torch

from record.types import Precision

NATIVE_BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")
"""What processors call their bfloat16 products, in `torch.cpu.get_capabilities`."""


def torch_dtype(dtype: Precision | torch.dtype, device: str) -> torch.dtype:
    """The dtype of that name; "auto" is bfloat16 where the device multiplies it natively, else float32."""
    if isinstance(dtype, torch.dtype):
        return dtype
    if dtype != "auto":
        named: torch.dtype = getattr(torch, dtype)
        return named
    return torch.bfloat16 if _has_bfloat16(torch.device(device)) else torch.float32


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    found = torch.cpu.get_capabilities()
    return device.type == "cpu" and any(found.get(name) for name in NATIVE_BFLOAT16)
