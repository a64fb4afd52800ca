"""How long a step takes: a fixed part and a part for each row, fitted or computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fleet.cards import Card
from fleet.models import Checkpoint
from fleet.sizing import row_s

Source = Literal["measured", "computed", "given"]


@dataclass(frozen=True)
class Pace:
    """Seconds of a step: `step_s + row_s * rows`; up to `slots` jobs share it."""

    step_s: float
    row_s: float
    slots: int
    source: Source = "given"

    def seconds(self, rows: float) -> float:
        """Of one step of so many rows."""
        return self.step_s + self.row_s * rows

    def row_steps_per_s(self, rows_a_job: float) -> float:
        """The most that one replica does, all its slots taken."""
        rows = self.slots * rows_a_job
        return rows / self.seconds(rows)


def computed(checkpoint: Checkpoint, card: Card, slots: int) -> Pace:
    """Of a checkpoint on a card that was not at hand."""
    return Pace(checkpoint.step_s, row_s(checkpoint, card), slots, "computed")


def fitted(rows: Sequence[int], seconds: Sequence[float], slots: int) -> Pace:
    """The straight line through measured steps, neither part below zero; ValueError for too few points."""
    if len(set(rows)) < 2:
        raise ValueError(f"rows={list(rows)}: steps of two unlike numbers of rows are needed")
    slope, start = np.polyfit(np.asarray(rows, float), np.asarray(seconds, float), 1)
    return Pace(max(0.0, float(start)), max(0.0, float(slope)), slots, "measured")
