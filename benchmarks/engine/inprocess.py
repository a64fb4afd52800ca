"""The library in one process against diffusers' own pipeline, and against a replica of the service.

python -m benchmarks.engine.inprocess

Every way has a process of its own, and they take turns. A caller that has used torch is a notebook's: its
thread has a team of OpenMP workers when it asks for a picture.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.engine.request import BOX, PROMPT
from benchmarks.machine import machine
from deployments.config import DiffusionArgs
from deployments.replicas.diffusion import DiffusionReplica
from miniature import WEIGHTS
from record.analysis import Analyser
from record.cache import pose_bundle_path
from record.job import Job
from record.local import ReCorD
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Request
from record.types import Candidate, Look, Progress

Draw = Callable[[], object]


@dataclass(frozen=True)
class Way:
    """A way to draw: its table's `first` row is what the others are measured by."""

    task: str
    name: str
    load: Callable[[Path, int, torch.dtype], Draw]


def diffusers_plain(checkpoint: Path, steps: int, dtype: torch.dtype) -> Draw:
    """diffusers' own pipeline, in the thread that calls it."""
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(checkpoint, dtype=dtype)
    pipeline.set_progress_bar_config(disable=True)
    scale = Settings.build({}, _defaults(checkpoint)).guidance_scale
    return partial(pipeline, PROMPT.text, num_inference_steps=steps, guidance_scale=scale)


def library(checkpoint: Path, steps: int, dtype: torch.dtype, *, method: str, has_used_torch: bool) -> Draw:
    """`ReCorD.from_pretrained(...)(text)`."""
    recorder = ReCorD.from_pretrained(checkpoint, dtype=dtype)
    box = None if method == "plain" else BOX

    def draw() -> object:
        if has_used_torch:
            torch.ones(1000, 1000).add(1)
        return recorder(PROMPT.text, method=method, steps=steps, box=box)

    return draw


def replica(checkpoint: Path, steps: int, dtype: torch.dtype) -> Draw:
    """The story with a replica of the service that draws, without the service around it."""
    name = "bfloat16" if dtype == torch.bfloat16 else "float32"
    args = DiffusionArgs(checkpoint=str(checkpoint), dtype=name, threads=torch.get_num_threads())
    cast = Cast(_OneReplica(DiffusionReplica(args)), _Analyst(Analyser(pose_bundle_path())))
    settings = Settings.build({"steps": steps}, _defaults(checkpoint))

    return lambda: asyncio.run(collect(Request(PROMPT, settings, BOX), cast))


class _OneReplica:
    def __init__(self, drawing: DiffusionReplica) -> None:
        self._drawing = drawing

    def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        return self._drawing.draw(job, within_s, previews)


class _Analyst:
    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    async def look(self, candidate: Candidate) -> Look:
        return await asyncio.to_thread(self._analyser.look, candidate)


def _defaults(checkpoint: Path) -> dict[str, object]:
    from record.facts import Facts

    return Facts.read(str(checkpoint)).defaults


def _library(task: str, name: str, method: str, has_used_torch: bool) -> Way:
    return Way(task, name, partial(library, method=method, has_used_torch=has_used_torch))


WAYS = (
    Way("plain", "diffusers' own pipeline", diffusers_plain),
    _library("plain", "library", "plain", False),
    _library("plain", "library, caller has used torch", "plain", True),
    Way("request, k = 5", "a replica", replica),
    _library("request, k = 5", "library", "record", False),
    _library("request, k = 5", "library, caller has used torch", "record", True),
)

_draw: Draw


def _load(way: Way, checkpoint: Path, steps: int, dtype: torch.dtype) -> None:
    global _draw
    _draw = way.load(checkpoint, steps, dtype)


def _timed() -> float:
    start = time.perf_counter()
    _draw()
    return time.perf_counter() - start


def main(
    checkpoint: Annotated[Path, typer.Option()] = WEIGHTS / "diffusion",
    steps: Annotated[int, typer.Option(min=2)] = 50,
    rounds: Annotated[int, typer.Option(help="after one to warm up", min=1)] = 5,
    dtype: Annotated[str, typer.Option(help="of every way")] = "bfloat16",
) -> None:
    """Print medians, and each way's ratio to the first of its task."""
    spawn = multiprocessing.get_context("spawn")
    given = (checkpoint, steps, getattr(torch, dtype))
    workers = [ProcessPoolExecutor(1, spawn, _load, (way, *given)) for way in WAYS]
    try:
        # one after the other, so that each has the machine to itself
        seconds = [[worker.submit(_timed).result() for worker in workers] for _ in range(rounds + 1)]
    finally:
        for worker in workers:
            worker.shutdown()
    medians = [statistics.median(taken) for taken in zip(*seconds[1:], strict=True)]
    Console(width=110).print(table(medians, f"{steps} steps, {dtype}, {rounds} rounds in turn"))
    Console().print(f"{machine()}; {time.strftime('%F')}")


def table(medians: list[float], title: str) -> Table:
    """Seconds and ratios of `WAYS`."""
    result = Table("task", "way", "seconds", "ratio", title=title)
    firsts: dict[str, float] = {}
    for way, median in zip(WAYS, medians, strict=True):
        first = firsts.setdefault(way.task, median)
        result.add_row(way.task, way.name, f"{median:.2f}", f"{median / first:.2f}")
    return result


if __name__ == "__main__":
    typer.run(main)
