"""Stage 1: the vision tower learns to see before it learns to speak.

Trained on truths of the drawing, most of them dense, which teaches far faster than a class alone:

    verb, object      cross-entropy on a small head over the mean patch
    whole             cross-entropy of whether the person lacks a limb, on the same mean
    object, person    boxes, smooth L1 on the same mean
    joints            for each of the 13, cross-entropy of its heat over the patches, and its offset
    parts             the class of every patch (background, person, one for each object)
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name
from torch import nn
from transformers.models.idefics3.modeling_idefics3 import Idefics3VisionTransformer

from miniature.training.augment import damage
from miniature.training.pixels import to_tensor
from miniature.vlm.drawings import GRID, JOINTS, NONE, PARTS, Album
from miniature.vlm.model import WIDTH, vision_config
from miniature.world import OBJECTS, VERBS

LEARNING_RATE = 8e-4
BATCH = 64


class Seen(NamedTuple):
    """Logits of verb, object and wholeness, boxes (N x 8) and the dense outputs (N x 64 x ...)."""

    verbs: torch.Tensor
    objects: torch.Tensor
    whole: torch.Tensor
    boxes: torch.Tensor
    dense: torch.Tensor


class Teacher(nn.Module):
    """The tower with the heads that teach it; only the tower is kept."""

    def __init__(self) -> None:
        super().__init__()
        config = vision_config()
        config._attn_implementation = "sdpa"
        self.tower = Idefics3VisionTransformer(config)
        self.pooled = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU())
        self.verb = nn.Linear(2 * WIDTH, len(VERBS))
        self.object = nn.Linear(2 * WIDTH, len(OBJECTS))
        self.whole = nn.Linear(2 * WIDTH, 2)
        self.boxes = nn.Linear(2 * WIDTH, 8)
        self.patch = nn.Linear(WIDTH, PARTS + 3 * len(JOINTS))

    def forward(self, pixels: torch.Tensor) -> Seen:
        """What is seen in N pictures."""
        states = self.tower(pixel_values=pixels).last_hidden_state
        mean = self.pooled(states.mean(dim=1))
        return Seen(
            self.verb(mean), self.object(mean), self.whole(mean), self.boxes(mean), self.patch(states)
        )


@dataclass(frozen=True)
class Truth:
    """A batch's truths, as tensors; absent numbers are NaN and absent classes `NONE`."""

    verbs: torch.Tensor
    objects: torch.Tensor
    whole: torch.Tensor
    boxes: torch.Tensor
    joints: torch.Tensor
    parts: torch.Tensor


def truth_of(album: Album, rows: npt.NDArray[np.int64]) -> Truth:
    """The truths of some drawings of the album."""
    return Truth(
        verbs=torch.from_numpy(album.verbs[rows]),
        objects=torch.from_numpy(album.objects[rows]),
        whole=torch.from_numpy(album.whole[rows]),
        boxes=torch.from_numpy(album.boxes[rows]).reshape(len(rows), 8),
        joints=torch.from_numpy(album.joints[rows]),
        parts=torch.from_numpy(album.parts[rows]),
    )


def _class_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    known = (classes != NONE).sum().clamp(min=1)
    return F.cross_entropy(logits, classes, ignore_index=NONE, reduction="sum") / known


def _joint_loss(dense: torch.Tensor, joints: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of each joint's patch, and smooth L1 of its place inside that patch."""
    heat, offsets = torch.split(dense, [len(JOINTS), 2 * len(JOINTS)], dim=-1)
    inside = torch.isfinite(joints).all(-1) & ((joints >= 0) & (joints < 1)).all(-1)
    place = torch.nan_to_num(joints).clamp(0, 0.999) * GRID
    cell = place.floor().long()
    index = cell[..., 1] * GRID + cell[..., 0]
    target = torch.where(inside, index, NONE)
    heat_loss = _class_loss(heat.transpose(1, 2).reshape(-1, GRID * GRID), target.reshape(-1))
    chosen = offsets.reshape(*offsets.shape[:2], len(JOINTS), 2).transpose(1, 2)
    chosen = chosen.gather(2, index[..., None, None].expand(-1, -1, 1, 2)).squeeze(2)
    error = F.smooth_l1_loss(chosen, place - cell, reduction="none").sum(-1)
    return heat_loss + (error * inside).sum() / inside.sum().clamp(min=1)


def loss_of(teacher: Teacher, pixels: torch.Tensor, truth: Truth) -> torch.Tensor:
    """The weighted sum of all teaching losses."""
    seen: Seen = teacher(pixels)
    known = torch.isfinite(truth.boxes)
    box_error = F.smooth_l1_loss(seen.boxes, torch.nan_to_num(truth.boxes), reduction="none", beta=0.1)
    parts = F.cross_entropy(seen.dense[..., :PARTS].reshape(-1, PARTS), truth.parts.reshape(-1))
    return (
        _class_loss(seen.verbs, truth.verbs)
        + _class_loss(seen.objects, truth.objects)
        + _class_loss(seen.whole, truth.whole)
        + 2 * (box_error * known).sum() / known.sum().clamp(min=1)
        + 0.3 * _joint_loss(seen.dense[..., PARTS:], truth.joints)
        + parts
    )


@torch.no_grad()
def accuracy(teacher: Teacher, album: Album, count: int = 1000) -> str:
    """Shares named rightly on the first `count` drawings, as a line: verbs, objects, whole people."""
    teacher.eval()
    hits: list[list[bool]] = [[], [], []]
    for start in range(0, min(count, len(album)), 100):
        rows = np.arange(start, min(start + 100, len(album)))
        seen: Seen = teacher(to_tensor(album.images[rows]))
        truths = (album.verbs[rows], album.objects[rows], album.whole[rows])
        for kept, logits, classes in zip(hits, seen[:3], truths, strict=True):
            kept += (logits.argmax(1).numpy() == classes)[classes != NONE].tolist()
    teacher.train()
    verbs, objects, whole = (float(np.mean(kept)) for kept in hits)
    return f"tower held-out verbs {verbs:.3f} objects {objects:.3f} whole {whole:.3f}"


def train(
    album: Album,
    held_out: Album,
    seconds: float,
    checkpoint: Path,
    start: dict[str, torch.Tensor] | None = None,
) -> Teacher:
    """Train for `seconds`; the state is saved every two minutes and taken up again if there.

    `start` are a tower's first weights; random ones without.
    """
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    teacher = Teacher()
    if start is not None:
        teacher.tower.load_state_dict(start)
    optimizer = torch.optim.AdamW(teacher.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    spent, step = 0.0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        teacher.load_state_dict(state["teacher"])
        optimizer.load_state_dict(state["optimizer"])
        spent, step = state["spent"], state["step"]
    began, saved = time.monotonic() - spent, time.monotonic()
    while (spent := time.monotonic() - began) < seconds:
        rate = LEARNING_RATE * min(1.0, (step + 1) / 100) * max(0.03, 1 - (spent / seconds) ** 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        rows = rng.integers(0, len(album), BATCH)
        loss = loss_of(teacher, damage(to_tensor(album.images[rows])), truth_of(album, rows))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 100 == 0:
            print(
                f"tower {step} {spent:.0f} s loss {loss.item():.3f} {step * BATCH / spent:.0f}/s", flush=True
            )
        if time.monotonic() - saved > 120:
            saved = time.monotonic()
            _save(checkpoint, teacher, optimizer, spent, step)
            print(accuracy(teacher, held_out), flush=True)
    _save(checkpoint, teacher, optimizer, seconds, step)
    print(accuracy(teacher, held_out), flush=True)
    return teacher


def _save(path: Path, teacher: Teacher, optimizer: torch.optim.Optimizer, spent: float, step: int) -> None:
    state = {
        "teacher": teacher.state_dict(),
        "optimizer": optimizer.state_dict(),
        "spent": spent,
        "step": step,
    }
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)
