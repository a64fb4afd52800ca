"""What an engine tells of a step to whoever observes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Taken:
    """A step: `trajectories` shared it, as `rows` of one UNet call; `live` ones are not over after it."""

    trajectories: int
    rows: int
    live: int
    seconds: float


Observer = Callable[[Taken], None]


def nobody(step: Taken) -> None:
    """Nobody observes."""
