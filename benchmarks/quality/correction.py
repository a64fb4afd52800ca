"""Does the guided pass put the object into the asked box, and what does it cost the person?

    python -m benchmarks.quality.correction

Boxes come from held-out drawings of the same verb and object. Every row of the table is one change to
the checkpoint's own settings; the first asks for no box at all.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from miniature import WEIGHTS
from miniature.judge import Judge
from miniature.world import FREQUENT, SUBJECTS, draw, with_article
from record.analysis import PoseEstimator
from record.analysis.bundle import ensure_pose_bundle
from record.backbone import Backbone
from record.engine.engine import Engine
from record.geometry import Box
from record.job import Job
from record.reading.prompt import parse
from record.settings import Settings
from record.types import Candidate

PAPER: dict[str, Any] = {"gradient_rule": "paper", "step_size": 20.0, "map_temperature": 100.0}
NORMALISED: dict[str, Any] = {"gradient_rule": "normalised"}
VARIANTS: dict[str, dict[str, Any]] = {
    "checkpoint's defaults": {},
    "paper: alpha 20, temperature 100": PAPER,
    "normalised 0.05, temperature 100": {**NORMALISED, "step_size": 0.05, "map_temperature": 100.0},
    "normalised 0.1, temperature 100": {**NORMALISED, "step_size": 0.1, "map_temperature": 100.0},
    "normalised 0.05, raw map": {**NORMALISED, "step_size": 0.05, "map_temperature": 0.0},
    "normalised 0.1, raw map": {**NORMALISED, "step_size": 0.1, "map_temperature": 0.0},
    "defaults without exclusion": {"exclusion": False},
    "defaults, guided a third": {"guided_share": 0.33},
}


@dataclass(frozen=True)
class Case:
    """A sentence, its object, and the box where a drawing of it had the object."""

    text: str
    thing: str
    box: Box


def main(
    checkpoint: Annotated[Path, typer.Option()] = WEIGHTS / "diffusion",
    judge: Annotated[Path, typer.Option(help="the judge's weights")] = WEIGHTS / "judge",
    count: Annotated[int, typer.Option(help="sentences", min=1)] = 40,
    steps: Annotated[int, typer.Option(min=2)] = 25,
) -> None:
    """Draw every case with every variant and print the shares."""
    backbone, poses = Backbone.from_pretrained(checkpoint), PoseEstimator(ensure_pose_bundle())
    critic = Judge.from_pretrained(judge)
    drawn = cases(count)
    table = Table("variant", "object seen", "centre in box", "IoU", "person found", "seconds")
    rows: dict[str, dict[str, Any] | None] = {"no box (candidate)": None, **VARIANTS}
    for name, change in track(rows.items(), description="variants"):
        start = time.perf_counter()
        pictures = run(backbone, drawn, change, steps)
        seconds = time.perf_counter() - start
        table.add_row(name, *figures(pictures, drawn, critic, poses), f"{seconds:.0f}")
    table.title = f"{count} sentences of frequent pairs, {steps} steps, {time.strftime('%F')}"
    Console(width=110).print(table)


def cases(count: int, seed: int = 4242) -> list[Case]:
    """Sentences of frequent pairs in turn, with boxes from drawings that training has not seen."""
    rng = random.Random(seed)
    found = []
    for index in range(count):
        verb, thing = FREQUENT[index * 7 % len(FREQUENT)]
        subject = SUBJECTS[index % len(SUBJECTS)]
        drawing = draw(rng, subject=subject, verb=verb, object=thing, kind="interaction")
        if drawing.object_box is not None:
            text = f"a {subject} is {verb} {with_article(thing)}"
            found.append(Case(text, thing, drawing.object_box))
    return found


def run(backbone: Backbone, drawn: list[Case], change: dict[str, Any] | None, steps: int) -> np.ndarray:
    """Pictures (N x H x W x 3) of all cases; with `change` None, without their boxes."""
    engine = Engine(backbone)
    drawing = Settings.build({**(change or {}), "steps": steps}, backbone.facts.defaults).drawing()
    for seed, case in enumerate(drawn):
        engine.add(Job(parse(case.text), seed, drawing, None if change is None else case.box))
    results = engine.drain()
    blank = np.zeros((128, 128, 3), np.uint8)
    ended = (results[ticket] for ticket in sorted(results))
    return np.stack([end.image if isinstance(end, Candidate) else blank for end in ended])


def figures(pictures: np.ndarray, drawn: list[Case], judge: Judge, poses: PoseEstimator) -> list[str]:
    """The table's figures for one variant."""
    verdicts = judge.look(pictures)
    boxes = [seen.box(case.thing) for seen, case in zip(verdicts, drawn, strict=True)]
    pairs = list(zip(boxes, drawn, strict=True))
    seen = np.mean([box is not None for box in boxes])
    inside = np.mean([box is not None and holds(case.box, box.centre) for box, case in pairs])
    iou = np.mean([case.box.iou(box) if box else 0.0 for box, case in pairs])
    person = np.mean([poses.find(picture) is not None for picture in pictures])
    return [f"{seen:.2f}", f"{inside:.2f}", f"{iou:.2f}", f"{person:.2f}"]


def holds(box: Box, point: tuple[float, float]) -> bool:
    """Whether a point lies in a box."""
    return box.x0 <= point[0] <= box.x1 and box.y0 <= point[1] <= box.y1


if __name__ == "__main__":
    typer.run(main)
