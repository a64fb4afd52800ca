"""The parts of one engine step, each a function of frozen trajectories: guide -> denoise -> update."""

from collections.abc import Sequence

from record.backbone import Backbone
from record.steps.call import Call, call_unet
from record.steps.denoise import denoise
from record.steps.guide import guide
from record.steps.replays import Replays
from record.steps.trajectory import Trajectory
from record.steps.update import ddim_step, update

__all__ = ["Call", "Replays", "Trajectory", "advance", "call_unet", "ddim_step"]


def advance(backbone: Backbone, batch: Sequence[Trajectory], call: Call = call_unet) -> list[Trajectory]:
    """Every trajectory one step on. Nothing is changed in place: a failed call can be repeated."""
    guided = guide(backbone, batch)
    predictions = denoise(backbone, guided, call)
    return update(backbone, guided, predictions)
