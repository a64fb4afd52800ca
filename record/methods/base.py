"""What a method is: for every step of a trajectory, which edits and which guidance are on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from record.settings import Settings


@dataclass(frozen=True)
class StepPlan:
    """The switches of one step of one trajectory."""

    cross_edit: bool = False
    self_edit: bool = False
    exclusion: bool = False
    guided_steps: int = 0  # length of the guided part, if this step lies in it


class Method(Protocol):
    """A method's hooks; stateless, so that any step of any trajectory can be planned anywhere."""

    def plan(self, step: int, settings: Settings, has_box: bool) -> StepPlan:
        """Say what is on at `step` (0 is the noisiest); `has_box` marks the correction pass."""
        ...
