"""The parts of one engine step, each a function of frozen trajectories: guide -> denoise -> update."""

from collections.abc import Sequence

from record.backbone import Backbone
from record.engine.call import Call, call_unet
from record.engine.denoise import denoise
from record.engine.guide import guide
from record.engine.replays import Replays
from record.engine.trajectory import Trajectory
from record.engine.update import ddim_step, update

__all__ = ["Call", "Replays", "Trajectory", "advance", "call_unet", "ddim_step"]


def advance(backbone: Backbone, batch: Sequence[Trajectory], call: Call = call_unet) -> list[Trajectory]:
    """Every trajectory one step on. Nothing is changed in place: a failed call can be repeated."""
    guided = guide(backbone, batch)
    predictions = denoise(backbone, guided, call)
    return update(backbone, guided, predictions)
