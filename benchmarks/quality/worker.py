"""Draws and judges one picture after the other, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from benchmarks.quality.body import is_whole, where_it_belongs
from benchmarks.quality.cases import Case
from benchmarks.quality.results import Result
from miniature.judge import Judge, Verdict
from record.analysis import PoseEstimator
from record.analysis.bundle import ensure_pose_bundle
from record.analysis.pose import Pose
from record.errors import ReCorDError
from record.geometry import Box
from record.local import ReCorD
from record.story import cost
from record.story.events import ImageReady, LayoutProposed
from record.story.run import Run
from record.traits import traits_of


@dataclass(frozen=True)
class Models:
    """Folders of the three models, and what the checkpoint's networks work in."""

    diffusion: Path
    reasoner: Path
    judge: Path
    dtype: torch.dtype


@dataclass(frozen=True)
class Task:
    """A picture to draw: its key, the case, and a row's settings (without the seed)."""

    key: str
    case: Case
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """A picture and what was seen in it, or why there is none."""

    task: Task
    result: Result | None = None
    picture: Image.Image | None = None
    failure: str = ""


class Worker:
    """The models, loaded once."""

    def __init__(self, models: Models, threads: int) -> None:
        torch.set_num_threads(threads)
        self._recorder = ReCorD.from_pretrained(
            models.diffusion, reasoner=models.reasoner, dtype=models.dtype
        )
        self._judge = Judge.from_pretrained(models.judge)
        self._poses = PoseEstimator(ensure_pose_bundle())

    def do(self, task: Task) -> Outcome:
        """Draw and judge; a request that fails is an outcome too."""
        start = time.perf_counter()
        try:
            run = self._recorder(task.case.text, seed=task.case.seed, **task.settings)
        except ReCorDError as error:
            return Outcome(task, failure=f"{type(error).__name__}: {error}")
        seconds = time.perf_counter() - start
        pixels = np.array(run.image)
        (verdict,) = self._judge.look(pixels[None])
        pose = self._poses.find(pixels)
        return Outcome(task, _result(task, run, verdict, pose, seconds), run.image)


def _result(task: Task, run: Run, verdict: Verdict, pose: Pose | None, seconds: float) -> Result:
    case, seen = task.case, verdict.box(task.case.thing)
    layout, ready = run.find(LayoutProposed), run.find(ImageReady)
    belongs = None if pose is None else where_it_belongs(pose, case.verb, case.thing)
    return Result(
        key=task.key,
        group=case.group,
        text=case.text,
        seed=case.seed,
        rank=verdict.rank(case.verb, case.thing),
        verb_right=verdict.verb == case.verb,
        object_right=verdict.object == case.thing,
        has_person=pose is not None,
        is_whole=pose is not None and is_whole(pose),
        has_object=seen is not None,
        is_corrected=ready is not None and ready.is_corrected,
        asked_iou=_agreement(layout.box if layout else None, seen),
        relation_iou=_agreement(belongs, seen),
        row_steps=cost.row_steps(run.settings, traits_of(run.settings.method)),
        seconds=seconds,
    )


def _agreement(wanted: Box | None, seen: Box | None) -> float | None:
    if wanted is None:
        return None
    return wanted.iou(seen) if seen else 0.0
