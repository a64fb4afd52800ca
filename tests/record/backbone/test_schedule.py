from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EDMEulerScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    PNDMScheduler,
)

from record.backbone import Schedule
from record.backbone.schedule import ddim_scheduler
from record.errors import CheckpointError
from tests.checkpoints import NOISE


@pytest.mark.parametrize("steps", [2, 7, 50, 61])
@pytest.mark.parametrize(
    "config",
    [
        {"timestep_spacing": "leading", "steps_offset": 1, "set_alpha_to_one": False},
        {"timestep_spacing": "leading"},
        {"timestep_spacing": "trailing", "rescale_betas_zero_snr": True},
        {"timestep_spacing": "trailing", "set_alpha_to_one": False},
        {"timestep_spacing": "linspace"},
    ],
)
def test_the_grid_is_that_of_diffusers(config: dict[str, Any], steps: int) -> None:
    theirs = DDIMScheduler(**NOISE, clip_sample=False, prediction_type="v_prediction", **config)
    ours = Schedule.of(theirs, steps)
    theirs.set_timesteps(steps)
    assert len(ours.timesteps) == len(ours.alphas) == len(ours.next_alphas) == steps
    assert torch.equal(ours.timesteps, theirs.timesteps[:steps])
    z, v = torch.randn(2, 5, generator=torch.Generator().manual_seed(0))
    for t, a, b in zip(ours.timesteps, ours.alphas, ours.next_alphas, strict=True):
        original, noise = a.sqrt() * z - (1 - a).sqrt() * v, a.sqrt() * v + (1 - a).sqrt() * z
        expected = theirs.step(v, int(t), z).prev_sample
        assert torch.allclose(b.sqrt() * original + (1 - b).sqrt() * noise, expected, atol=1e-6)


def test_the_grid_has_no_step_below_zero() -> None:
    """diffusers' own has 62 timesteps here, the last one -1."""
    theirs = DDIMScheduler(timestep_spacing="trailing")
    theirs.set_timesteps(61)
    assert theirs.timesteps[-1] == -1
    assert Schedule.of(theirs, 61).timesteps.min() >= 0


@pytest.mark.parametrize(
    "found",
    [
        PNDMScheduler(**NOISE, skip_prk_steps=True, steps_offset=1),
        EulerDiscreteScheduler(**NOISE, timestep_spacing="trailing", prediction_type="v_prediction"),
        DPMSolverMultistepScheduler(**NOISE, timestep_spacing="linspace", prediction_type="sample"),
        DDIMScheduler(**NOISE, clip_sample=True, thresholding=True),
    ],
)
def test_any_discrete_scheduler_becomes_ddim_with_its_noise_levels(found: Any) -> None:
    scheduler = ddim_scheduler(found, "folder")
    assert torch.equal(scheduler.alphas_cumprod, found.alphas_cumprod)
    for name in ("timestep_spacing", "prediction_type", "steps_offset"):
        assert scheduler.config[name] == found.config.get(name, 0)
    assert not scheduler.config["clip_sample"] and not scheduler.config["thresholding"]


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (FlowMatchEulerDiscreteScheduler(), "FlowMatchEulerDiscreteScheduler has no beta schedule"),
        (EDMEulerScheduler(), "EDMEulerScheduler has no beta schedule"),
        (DDIMScheduler(**NOISE, prediction_type="score"), "unknown prediction_type 'score'"),
        (DDIMScheduler(**NOISE, rescale_betas_zero_snr=True), "goes with v_prediction"),
    ],
)
def test_what_ddim_cannot_sample_is_refused(found: Any, message: str) -> None:
    with pytest.raises(CheckpointError, match=f"'folder'.*{message}"):
        ddim_scheduler(found, "folder")
