"""A quick score while training: greedy answers on cached features, without a grammar or a server."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

import torch
from transformers.models.idefics3 import Idefics3ForConditionalGeneration

from miniature.vlm.features import Pool
from miniature.vlm.samples import Poses, Sample, judging, mending
from miniature.vlm.tokenizer import END
from miniature.vlm.train import Batch, Coder, states
from record.geometry import Box
from record.reasoning.dialect import COMPACT

_LONGEST = 30


@dataclass(frozen=True)
class Score:
    """Shares in 0..1: named poses, right choices, mean IoU after and before mending, three verdicts."""

    named: float
    chosen: float
    mended: float
    displaced: float
    verdicts: tuple[float, float, float]

    def __str__(self) -> str:
        """All of them, for a log."""
        action, thing, whole = self.verdicts
        return (
            f"named {self.named:.3f} chosen {self.chosen:.3f} mIoU {self.displaced:.3f} -> {self.mended:.3f} "
            f"action {action:.3f} object {thing:.3f} whole {whole:.3f}"
        )


@torch.no_grad()
def answers(
    model: Idefics3ForConditionalGeneration, coder: Coder, samples: list[Sample], seen: torch.Tensor
) -> list[str]:
    """The greedy answer to every sample's question."""
    rows = [coder.encode(sample.question) for sample in samples]
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.zeros(len(rows), int(lengths.max()) + _LONGEST, dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
    pictures = [picture for sample in samples for picture in sample.pictures]
    every = torch.arange(len(rows))
    for step in range(_LONGEST):
        longest = int(lengths.max()) + step
        batch = Batch(ids[:, :longest], torch.empty(0), pictures)
        last = states(model, batch, seen, coder.image)[every, lengths + step - 1]
        ids[every, lengths + step] = model.lm_head(last).argmax(-1)
    told = [coder.decode(row[n : n + _LONGEST].tolist()) for row, n in zip(ids, lengths, strict=True)]
    return [text.split(END)[0] for text in told]


def score(
    model: Idefics3ForConditionalGeneration, coder: Coder, pool: Pool, seen: torch.Tensor, count: int = 60
) -> Score:
    """Choose one of five and mend, `count` times each, and judge twice as many; always the same tasks."""
    rng, poses = random.Random(99), Poses(pool.shots)
    choices = [poses.choosing(rng, 5) for _ in range(count)]
    layouts = [mending(rng, pool.scenes) for _ in range(count)]
    model.eval()
    named, chosen, mended, displaced = 0.0, 0.0, 0.0, 0.0
    for choice, text in zip(choices, answers(model, coder, [c.sample() for c in choices], seen), strict=True):
        found = _read(text)
        pairs = found.get("poses", [])
        named += sum(list(p) == [w, n] for n, (p, w) in enumerate(zip(pairs, choice.poses, strict=False))) / 5
        chosen += found.get("choice", [None, None])[1] == choice.chosen
    for layout, text in zip(layouts, answers(model, coder, [m.sample() for m in layouts], seen), strict=True):
        box = _read(text).get("object_box", [])
        given = layout.look.object_box
        mended += COMPACT.read_box(box, 1, 1).iou(layout.right) if len(box) == 4 else 0.0
        displaced += given.iou(layout.right) if isinstance(given, Box) else 0.0
    asked = [judging(rng, pool.shots) for _ in range(2 * count)]
    right = {"action_right": 0, "object_there": 0, "person_whole": 0}
    for task, text in zip(asked, answers(model, coder, [a.sample() for a in asked], seen), strict=True):
        found = _read(text)
        for name in right:
            right[name] += found.get(name) is getattr(task.verdict, name)
    model.train()
    action, thing, whole = (hits / len(asked) for hits in right.values())
    return Score(named / count, chosen / count, mended / count, displaced / count, (action, thing, whole))


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
