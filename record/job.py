"""One trajectory's order: everything that names a picture, so that any replica can draw it again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from record.geometry import Box
from record.reading.prompt import Prompt
from record.settings import Settings
from record.types import Array


@dataclass(frozen=True)
class Reference:
    """What a second pass knows of the candidate it starts from; parts that were not found are None.

    `person_mask` is height x width of the picture; `subject_map` and `verb_map` are S x S.
    """

    person_box: Box | None = None
    person_mask: npt.NDArray[np.bool_] | None = None
    subject_map: Array | None = None
    verb_map: Array | None = None


@dataclass(frozen=True)
class Resume:
    """Where an early-stopped candidate goes on: its strands (R x C x h x w) before `step`."""

    step: int
    strands: Array


@dataclass(frozen=True)
class Job:
    """One trajectory, fully named: the same job gives the same picture on any replica.

    With a `box` it is a pass that places the object. With `stop_after` steps it ends early, as a
    coarse candidate that `resume` can go on from.
    """

    prompt: Prompt
    seed: int
    settings: Settings
    box: Box | None = None
    reference: Reference = Reference()
    stop_after: int | None = None
    resume: Resume | None = None

    @property
    def last_step(self) -> int:
        """Steps taken when the job ends."""
        return self.settings.steps if self.stop_after is None else min(self.stop_after, self.settings.steps)
