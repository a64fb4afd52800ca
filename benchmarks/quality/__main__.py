"""How good the pictures are: every method and every switch on the same sentences and seeds.

    python -m benchmarks.quality
    python -m benchmarks.quality --rows plain,record --pictures 4 --sheet out/sheet.png
    python -m benchmarks.quality --table-only

The judge names verb and object of every picture. both and top-3: the place of the asked pair in its order of
all pairs, a missing verb or object being a word like the others. whole: MediaPipe sees every main joint. IoU:
the judge's box of the object against the place where this body needs it, and against the box asked for.
row-steps: the most that a request of the row may take. The last lines are Fréchet distances to drawings.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.machine import machine
from benchmarks.quality.cases import GROUPS, Half, cases
from benchmarks.quality.likeness import distance, drawings, features
from benchmarks.quality.plan import draw_missing, missing, outcomes, plan
from benchmarks.quality.report import contact_sheet, table
from benchmarks.quality.results import Results, digest
from benchmarks.quality.rows import ROWS
from benchmarks.quality.worker import Models, Task
from miniature import WEIGHTS
from miniature.judge import Judge
from record.backbone.loading import map_level
from record.backbone.precision import torch_dtype
from record.cache import cache_folder
from record.facts import Facts
from record.types import Precision

WIDTH = 220
CROWD = 100
"""Fewer pictures than these say nothing of a distance in 96 dimensions."""


def main(
    rows: Annotated[str, typer.Option(help="rows by name, with commas; all when left out")] = "",
    pictures: Annotated[int, typer.Option(help="pictures of every pair", min=1)] = 4,
    half: Annotated[Half, typer.Option(help="which of the pairs")] = "report",
    groups: Annotated[str, typer.Option(help="of frequent, rare, unseen")] = ",".join(GROUPS),
    steps: Annotated[int, typer.Option(min=2)] = 25,
    candidates: Annotated[int, typer.Option(min=1, max=8)] = 3,
    against: Annotated[str, typer.Option(help="row that the others' share is set against")] = "plain",
    table_only: Annotated[bool, typer.Option("--table-only", help="draw nothing")] = False,
    sheet: Annotated[Path | None, typer.Option(help="where a PNG of pictures goes")] = None,
    tiles: Annotated[int, typer.Option(help="sentences on the sheet")] = 20,
    across: Annotated[int, typer.Option(help="sentences beside one another on it; 0: below", min=0)] = 0,
    results: Annotated[Path | None, typer.Option(help="JSONL file that keeps what is measured")] = None,
    processes: Annotated[int, typer.Option(help="pictures drawn at once", min=1)] = 2,
    threads: Annotated[int, typer.Option(help="threads of each process", min=1)] = 1,
    dtype: Annotated[Precision, typer.Option(help="what the checkpoint's networks work in")] = "auto",
) -> None:
    """Draw what is missing, then print the table."""
    precision = torch_dtype(dtype, "cpu", map_level(str(WEIGHTS / "diffusion")))
    models = Models(WEIGHTS / "diffusion", WEIGHTS / "vlm", WEIGHTS / "judge", precision)
    kept = Results(results or cache_folder() / "benchmarks" / "quality.jsonl")
    chosen = _among(rows, ROWS)
    planned, refused = plan(
        {name: ROWS[name] for name in chosen},
        {"steps": steps, "candidates": candidates},
        cases(half, pictures, _among(groups, GROUPS)),
        Facts.read(str(models.diffusion)).defaults,
        f"{digest(models.diffusion, models.reasoner, models.judge)} {precision}",
    )
    console = Console(width=WIDTH)
    for name, reason in refused.items():
        console.print(f"row {name} is left out: {reason}")
    if not table_only:
        _draw(planned, kept, models, processes, threads)
    found = {name: [r for task in tasks if (r := kept.get(task.key))] for name, tasks in planned.items()}
    title = f"{steps} steps, {candidates} candidates, {half} pairs, {pictures} of each; 95% intervals"
    console.print(table(found, _among(groups, GROUPS), title, against))
    for name, far in _likeness(planned, kept, models.judge).items():
        console.print(f"Fréchet distance to drawings, {name}: {far:.1f}")
    if sheet is not None:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        contact_sheet(planned, kept, tiles, across).save(sheet)
    console.print(f"{machine()}; {precision}; {processes} at once, {threads} threads; {time.strftime('%F')}")


def _draw(
    planned: dict[str, list[Task]], kept: Results, models: Models, processes: int, threads: int
) -> None:
    columns = (TextColumn("pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        bar = progress.add_task("", total=len(missing(planned, kept)))
        for outcome in draw_missing(planned, kept, lambda tasks: outcomes(tasks, models, processes, threads)):
            progress.advance(bar)
            if outcome.failure:
                progress.console.print(f"{outcome.task.case.text!r}: {outcome.failure}")


def _likeness(planned: dict[str, list[Task]], kept: Results, judge: Path) -> dict[str, float]:
    """The distance of every row that has enough pictures."""
    looker, found = Judge.from_pretrained(judge), {}
    for name, tasks in planned.items():
        drawn = [task for task in tasks if task.key in kept]
        if len(drawn) >= CROWD:
            pictures = np.stack([np.asarray(Image.open(kept.picture(task.key))) for task in drawn])
            wanted = features(looker, drawings([task.case for task in drawn]))
            found[name] = distance(features(looker, pictures), wanted)
    return found


def _among(given: str, known: Collection[str]) -> list[str]:
    """Names of a list with commas, all of them for an empty one; typer.BadParameter for others."""
    names = [name.strip() for name in given.split(",") if name.strip()] or list(known)
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}")
    return names


if __name__ == "__main__":
    typer.run(main)
