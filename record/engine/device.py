"""Whether a failed call was its job's own fault, or the device is gone."""

from __future__ import annotations

import torch

from record.errors import EngineStoppedError


def raise_if_lost(device: torch.device, error: Exception) -> None:
    """EngineStoppedError if `device` no longer works after `error`; memory that ran out comes back.

    A CUDA context that was lost fails every later call of its process, so one that does nothing tells.
    """
    if device.type != "cuda" or isinstance(error, torch.OutOfMemoryError):
        return
    try:
        torch.cuda.synchronize(device)
    except RuntimeError as lost:
        reason = str(lost).partition("\n")[0]
        raise EngineStoppedError(f"{device} is lost ({reason}): a new process has to draw") from error
