"""DDIM's grid, from whatever scheduler a checkpoint was saved with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import torch
from diffusers import DDIMScheduler
from torch import Tensor

from record.backbone.parts import Scheduler
from record.errors import CheckpointError

PREDICTION_TYPES = ("epsilon", "v_prediction", "sample")


@dataclass(frozen=True)
class Schedule:
    """DDIM's timesteps (T, descending) and the cumulative alphas before and after each (T)."""

    timesteps: Tensor
    alphas: Tensor
    next_alphas: Tensor

    @classmethod
    def of(cls, scheduler: DDIMScheduler, steps: int) -> Self:
        """Lay out `steps` steps; the last one's next alpha is the scheduler's final one."""
        scheduler = DDIMScheduler.from_config(scheduler.config)
        scheduler.set_timesteps(steps)
        # "trailing" rounds to one timestep too many, -1, for some numbers of steps (61, 103, ...).
        timesteps = scheduler.timesteps[:steps]
        earlier = timesteps - scheduler.config["num_train_timesteps"] // steps
        alphas = scheduler.alphas_cumprod
        following = torch.where(earlier >= 0, alphas[earlier.clamp(min=0)], scheduler.final_alpha_cumprod)
        return cls(timesteps, alphas[timesteps], following)


def ddim_scheduler(found: Scheduler, checkpoint: str) -> DDIMScheduler:
    """The DDIM scheduler with the noise levels of `found`, a checkpoint's own scheduler of any class.

    CheckpointError if `found` has no discrete noise levels (flow matching, EDM), predicts something
    unknown, or predicts the noise of a step that is noise alone.
    """
    config = dict(found.config)
    kind, predicts = type(found).__name__, config.get("prediction_type", "epsilon")
    if "beta_schedule" not in config:
        raise CheckpointError(
            f"{checkpoint!r}: its scheduler {kind} has no beta schedule and cannot be sampled with DDIM: "
            "use a Stable Diffusion checkpoint saved with DDIM, PNDM, Euler or DPM-Solver"
        )
    if predicts not in PREDICTION_TYPES:
        raise CheckpointError(
            f"{checkpoint!r}: unknown prediction_type {predicts!r} in scheduler/scheduler_config.json: "
            f"it has to be one of {', '.join(PREDICTION_TYPES)}"
        )
    if config.get("rescale_betas_zero_snr") and predicts == "epsilon":
        raise CheckpointError(
            f"{checkpoint!r}: rescale_betas_zero_snr goes with v_prediction, not with epsilon: "
            "correct scheduler/scheduler_config.json"
        )
    # Clipping is for pixels; latents have no fixed range.
    return DDIMScheduler.from_config(config, clip_sample=False, thresholding=False)
