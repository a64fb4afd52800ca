"""Train denoiser and text encoder for as long as one likes, and cool a copy down for export.

The learning rate is flat, so a run can be stopped and continued any number of times. What is exported
comes from a short branch off the flat run in which the rate falls to nothing; the flat run's checkpoint
stays as it is.
"""

from __future__ import annotations

import json
import signal
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from miniature.diffusion.learner import Learner
from miniature.diffusion.loss import loss_of
from miniature.diffusion.models import AttentionReader, make_scheduler
from miniature.diffusion.optimisers import faster_in_half
from miniature.diffusion.samples import Samples

BATCH = 16
HELD_OUT = 480
"""The first pictures are never trained on; some of them measure."""
_PEAK_RATE = 2e-3
_WARM_STEPS = 100
_ATTENTION_WEIGHT = 0.1
_MEASURED = 192
_PRINT_STEPS = 50


@dataclass(frozen=True)
class Plan:
    """How long to train: `minutes` of this call at most and, for tests, `steps` in all.

    `cooling` lets the rate fall linearly to nothing over the minutes; `save_seconds` lie between
    checkpoints.
    """

    minutes: float
    cooling: bool = False
    save_seconds: float = 300.0
    steps: int | None = None


class Stop:
    """Becomes true when the process is asked to end (SIGTERM or Ctrl-C), instead of ending it."""

    def __init__(self) -> None:
        self._asked = False
        self._before = {one: signal.signal(one, self._ask) for one in (signal.SIGTERM, signal.SIGINT)}

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def __bool__(self) -> bool:
        return self._asked

    def forget(self) -> None:
        """Give the signals back."""
        for one, handler in self._before.items():
            signal.signal(one, handler)


@torch.no_grad()
def held_out_error(learner: Learner, reader: AttentionReader, samples: Samples) -> float:
    """Mean squared velocity error of the moving means on pictures never trained on, always the same noise."""
    alphas, before = make_scheduler().alphas_cumprod, torch.get_rng_state()
    torch.manual_seed(1)
    errors = []
    with learner.averaged():
        for first in range(0, min(_MEASURED, HELD_OUT, len(samples.latents)), 2 * BATCH):
            rows = torch.arange(first, min(first + 2 * BATCH, len(samples.latents)))
            errors.append(loss_of(learner, reader, samples, rows, alphas, half=learner.half, dropped=0.0)[0])
    torch.set_rng_state(before)
    return float(torch.stack(errors).mean())


class _Log:
    """Means since the last line, printed now and then and written beside the checkpoint."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sums: dict[str, float] = defaultdict(float)
        self._count, self._since = 0, time.monotonic()

    def add(self, learner: Learner, **numbers: float) -> None:
        self._count += 1
        for name, number in numbers.items():
            self._sums[name] += number
        if learner.step % _PRINT_STEPS == 0:
            self.line(learner)

    def line(self, learner: Learner, **more: float) -> None:
        """Print and write a line; the means begin anew."""
        pace = self._count * BATCH / (time.monotonic() - self._since)
        means = {name: total / max(1, self._count) for name, total in self._sums.items()}
        facts: dict[str, Any] = {"step": learner.step, "minutes": learner.spent / 60, "pace": pace}
        facts |= means | more
        rounded = {key: round(value, 4) for key, value in facts.items()}
        print("unet " + " ".join(f"{key} {value}" for key, value in rounded.items()), flush=True)
        with self._path.open("a") as lines:
            lines.write(json.dumps(rounded) + "\n")
        self._sums.clear()
        self._count, self._since = 0, time.monotonic()


def _rows(learner: Learner, count: int) -> torch.Tensor:
    """The next batch; a new round of all pictures but the held-out ones begins when one is over."""
    if len(learner.order) < BATCH:
        learner.order = HELD_OUT + torch.randperm(count - HELD_OUT)
    rows, learner.order = learner.order[:BATCH], learner.order[BATCH:]
    return rows


def choose_precision(learner: Learner, samples: Samples) -> None:
    """Time a few steps and let the learner compute in bfloat16 where that is faster."""
    before, rows = torch.get_rng_state(), torch.arange(HELD_OUT, HELD_OUT + BATCH)
    reader, alphas = AttentionReader(learner.unet), make_scheduler().alphas_cumprod

    def step(half: bool) -> None:
        error, fit = loss_of(learner, reader, samples, rows, alphas, half=half)
        (error + fit).backward()  # type: ignore[no-untyped-call]

    learner.half = faster_in_half(step)
    for weight in learner.weights():
        weight.grad = None
    reader.unread()
    torch.set_rng_state(before)


def train(learner: Learner, samples: Samples, checkpoint: Path, plan: Plan, *, data: str) -> None:
    """Train until the plan or a signal says stop; saves every few minutes and at the end.

    `data` is the digest of the training data, kept with the checkpoint. The log lies beside it.
    """
    stop, log = Stop(), _Log(checkpoint.with_suffix(".jsonl"))
    reader, alphas = AttentionReader(learner.unet), make_scheduler().alphas_cumprod
    begun, earlier, saved = time.monotonic(), learner.spent, time.monotonic()
    while not stop and (plan.steps is None or learner.step < plan.steps):
        share = (time.monotonic() - begun) / 60 / plan.minutes
        if share >= 1:
            break
        rows = _rows(learner, len(samples.latents))
        error, fit = loss_of(learner, reader, samples, rows, alphas, half=learner.half)
        rate = _PEAK_RATE * min(1.0, (learner.step + 1) / _WARM_STEPS) * (1 - share if plan.cooling else 1)
        learner.update(error + _ATTENTION_WEIGHT * fit, rate)
        learner.spent = earlier + time.monotonic() - begun
        log.add(learner, velocity=error.item(), attention=fit.item())
        if time.monotonic() - saved > plan.save_seconds:
            saved = time.monotonic()
            learner.save(checkpoint, data)
            log.line(learner, held_out=held_out_error(learner, reader, samples))
    learner.save(checkpoint, data)
    log.line(learner, held_out=held_out_error(learner, reader, samples))
    reader.unread()
    stop.forget()
