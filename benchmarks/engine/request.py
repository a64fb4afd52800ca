"""One whole request without the language model: k candidates, then the correction of one of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from rich.table import Table

from benchmarks.engine.yardstick import trajectory
from record.backbone import Backbone
from record.engine.engine import Engine
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Settings

PROMPT = parse("a woman is kicking a ball")
BOX = Box(0.55, 0.6, 0.8, 0.85)


def straightforward(engine: Engine, settings: Settings) -> None:
    """The yardstick's request, pictures decoded; of the engine only the checkpoint is used."""
    backbone = engine.backbone
    for seed in range(settings.candidates):
        backbone.decode(trajectory(backbone, PROMPT, seed, settings)[None])
    backbone.decode(trajectory(backbone, PROMPT, 0, settings, BOX)[None])


def ours(engine: Engine, settings: Settings) -> None:
    """The engine's request."""
    drawing, stop_after = settings.drawing(), settings.candidate_steps or None
    engine.draw(*(Job(PROMPT, seed, drawing, stop_after=stop_after) for seed in range(settings.candidates)))
    engine.draw(Job(PROMPT, 0, drawing, BOX))


@dataclass(frozen=True)
class Contestant:
    """A way to serve the request, with the settings it uses."""

    name: str
    serve: Callable[[Engine, Settings], None]
    settings: Settings


def contestants(backbone: Backbone, steps: int) -> list[Contestant]:
    """The yardstick first, then ours, from the same work to the least."""
    defaults = backbone.facts.defaults

    def of(**changes: object) -> Settings:
        return Settings.build({"steps": steps, **changes}, defaults)

    paper = {
        "base_branch": "two_rows", "cross_edit": True, "candidate_steps": 0, "exclusion_mask": "per_head",
    }  # fmt: skip
    return [
        Contestant("straightforward", straightforward, of(**paper)),
        Contestant("engine, the same work", ours, of(**paper)),
        Contestant("engine, one row", ours, of(candidate_steps=0)),
        Contestant("engine, coarse candidates (default)", ours, of(candidate_steps=round(0.4 * steps))),
    ]


def table(backbones: Sequence[Backbone], *, steps: int, repeats: int) -> Table:
    """Seconds a request and the ratio to the straightforward way of the same dtype.

    All take turns, so that a noisy machine is noisy for all.
    """
    rows = [(Engine(b), one) for b in backbones for one in contestants(b, steps)]
    seconds: list[list[float]] = [[] for _ in rows]
    for _ in range(repeats + 1):
        for taken, (engine, row) in zip(seconds, rows, strict=True):
            taken.append(timed(engine, row))
    medians = [statistics.median(taken[1:]) for taken in seconds]  # the first warms up
    title = f"one request, k = 5, {steps} steps"
    result = Table("dtype", "way", "seconds", "times faster", title=title)
    for (engine, row), median in zip(rows, medians, strict=True):
        if row.serve is straightforward:
            first = median
        dtype = str(engine.backbone.dtype).removeprefix("torch.")
        result.add_row(dtype, row.name, f"{median:.2f}", f"{first / median:.2f}")
    return result


def timed(engine: Engine, row: Contestant) -> float:
    """Seconds of one request."""
    device, start = engine.backbone.device, time.perf_counter()
    row.serve(engine, row.settings)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start
