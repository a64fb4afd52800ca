"""Seconds of a step by its rows, on this machine: what `fleet.pace` draws a line through."""

from __future__ import annotations

import statistics
import time

import torch
from rich.table import Table

from fleet.pace import Pace, fitted
from record.backbone import Backbone

ROWS = (2, 10, 24)
REPEATS = 5


def measured(backbone: Backbone, slots: int) -> tuple[list[float], Pace]:
    """Medians of steps of `ROWS` rows, and the line through them."""
    noise, told = backbone.initial_noise(0), backbone.encode("")
    seconds = []
    for rows in ROWS:
        latents, moments = noise[None].repeat(rows, 1, 1, 1), torch.tensor([500] * rows)
        taken = []
        for _ in range(1 + REPEATS):
            began = time.perf_counter()
            with torch.no_grad():
                backbone.denoise(latents, moments, [told] * rows)
            if backbone.device.type == "cuda":
                torch.cuda.synchronize(backbone.device)
            taken.append(time.perf_counter() - began)
        seconds.append(statistics.median(taken[1:]))
    return seconds, fitted(ROWS, seconds, slots)


def table(backbone: Backbone, slots: int = 10) -> Table:
    """Milliseconds of every number of rows, and the line's two parts."""
    seconds, pace = measured(backbone, slots)
    result = Table("rows of a step", "ms", title=f"a step, {backbone.dtype}")
    for rows, taken in zip(ROWS, seconds, strict=True):
        result.add_row(str(rows), f"{1000 * taken:.1f}")
    result.add_row("a step (line)", f"{1000 * pace.step_s:.1f}")
    result.add_row("a row (line)", f"{1000 * pace.row_s:.2f}")
    return result
