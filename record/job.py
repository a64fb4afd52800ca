"""One trajectory's order: everything that names a picture, so that any replica can draw it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from record.fingerprint import ByContent
from record.geometry import Box
from record.reading.prompt import Prompt
from record.settings import Drawing
from record.types import Array


@dataclass(frozen=True, eq=False)
class Reference(ByContent):
    """What a second pass knows of the candidate it starts from; parts that were not found are None.

    `person_mask` is height x width of the picture; `subject_map` and `verb_map` are S x S.
    """

    person_box: Box | None = None
    person_mask: npt.NDArray[np.bool_] | None = None
    subject_map: Array | None = None
    verb_map: Array | None = None


@dataclass(frozen=True, eq=False)
class Resume(ByContent):
    """Where an early-stopped candidate goes on: its strands (R x C x h x w) before `step`."""

    step: int
    strands: Array


@dataclass(frozen=True, eq=False)
class Job(ByContent):
    """One trajectory, fully named: the same job gives the same picture on any replica.

    It holds what the picture depends on and nothing of the request beside it, so equal jobs have the same
    `key`, which with the checkpoint's name is the picture's (a switch that the method never reads is part of
    it as well); arrays must not change once they are in a job. With a
    `box` it is a pass that places the object. With `stop_after` steps it ends early, as a coarse
    candidate that `resume` can go on from. TypeError for a whole request's Settings as `drawing`.
    """

    prompt: Prompt
    seed: int
    drawing: Drawing
    box: Box | None = None
    reference: Reference = Reference()
    stop_after: int | None = None
    resume: Resume | None = None

    def __post_init__(self) -> None:
        if type(self.drawing) is not Drawing:
            raise TypeError(
                f"a job's drawing is a Drawing, not {type(self.drawing).__name__}: give .drawing()"
            )
        if self.stop_after is not None and self.stop_after >= self.drawing.steps:
            object.__setattr__(self, "stop_after", None)  # it draws the same, so it is the same

    @property
    def last_step(self) -> int:
        """Steps taken when the job ends."""
        return self.drawing.steps if self.stop_after is None else min(self.stop_after, self.drawing.steps)
