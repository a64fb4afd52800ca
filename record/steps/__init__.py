"""The parts of one engine step, each a function of frozen trajectories: guide -> denoise -> update."""

from collections.abc import Sequence

from record.backbone import Backbone
from record.steps.denoise import denoise
from record.steps.guide import guide
from record.steps.trajectory import Trajectory
from record.steps.update import ddim_step, update

__all__ = ["Trajectory", "advance", "ddim_step"]


def advance(backbone: Backbone, batch: Sequence[Trajectory]) -> list[Trajectory]:
    """Every trajectory one step on. Nothing is changed in place: a failed call can be repeated."""
    guided = guide(backbone, batch)
    predictions = denoise(backbone, guided)
    return update(backbone, guided, predictions)
