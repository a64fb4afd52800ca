"""The gate: held-out tasks through the service's own agents, under the JSON schema."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miniature.vlm.features import Pool
from miniature.vlm.samples import Mending, Poses, judging, mending
from miniature.vlm.scenes import Shot
from miniature.world import with_article
from record.errors import ReasoningError
from record.reading.prompt import parse
from record.reasoning.agents import Chat, VisionReasoner

CHOOSE_GATE, MEND_GATE, JUDGE_GATE = 0.80, 0.50, 0.85
SHOTS = ("in place, box displaced", "object gone", "object moved")


@dataclass(frozen=True)
class Verdict:
    """Right choices of `count`; for each kind of shot the mean IoU before and after mending.

    `judged` are the shares of right answers on action, object and wholeness.
    """

    count: int
    right: int
    named: float
    before: tuple[float, ...]
    after: tuple[float, ...]
    judged: tuple[float, float, float]
    failures: int

    @property
    def passed(self) -> bool:
        """Whether the gates are met, over all kinds of shots and all three answers."""
        chosen = self.right / self.count >= CHOOSE_GATE
        return chosen and _mean(self.after) >= MEND_GATE and _mean(self.judged) >= JUDGE_GATE

    def __str__(self) -> str:
        """The figures, one a line."""
        lines = [
            f"poses named rightly      {self.named:.1%}",
            f"picture picked rightly   {self.right} of {self.count} (chance 20%, gate {CHOOSE_GATE:.0%})",
        ]
        for name, before, after in zip(SHOTS, self.before, self.after, strict=True):
            lines.append(f"mIoU, {name:24} {before:.3f} -> {after:.3f}")
        lines.append(
            f"mIoU, all                      {_mean(self.before):.3f} -> {_mean(self.after):.3f}"
            f" (gate {MEND_GATE:.2f})"
        )
        action, thing, whole = self.judged
        lines.append(f"judged rightly: action {action:.1%}, object {thing:.1%}, person whole {whole:.1%}")
        lines.append(f"requests without a usable answer {self.failures}")
        return "\n".join(lines)


def chat(folder: Path, vllm: bool) -> Chat:
    """The model behind the chat seam: in transformers, or in vLLM."""
    if vllm:
        from miniature.vlm.vllm_chat import VllmChat

        return VllmChat(folder)
    from record.reasoning.chats import TransformersChat

    return TransformersChat(folder)


async def evaluate(chat: Chat, pool: Pool, count: int, seed: int = 7) -> Verdict:
    """Ask `count` choices among five, `count` layouts, a third of each kind of shot, and `count` verdicts."""
    rng, reasoner, shots = random.Random(seed), VisionReasoner(chat), pool.shots
    right, named, failures = 0, 0.0, 0
    poses = Poses(shots)
    for _ in range(count):
        task = poses.choosing(rng, 5)
        try:
            choice = await reasoner.select(parse(task.sentence), [shots[i].picture for i in task.pictures])
        except ReasoningError:
            failures += 1
            continue
        right += choice.index == task.chosen
        named += sum(a == b for a, b in zip(choice.poses, task.poses, strict=True)) / 5
    before: list[list[float]] = [[], [], []]
    after: list[list[float]] = [[], [], []]
    for number in range(count):
        kind = number % 3
        layout = _wrong(rng, pool, kind)
        ious = await _mend(reasoner, shots, layout, _sentence(pool, layout))
        failures += ious is None
        old = layout.look.object_box
        before[kind].append(old.iou(layout.right) if old is not None else 0.0)
        after[kind].append(ious or 0.0)
    judged, without = await _judge(reasoner, rng, shots, count)
    means = [tuple(_mean(row) for row in rows) for rows in (before, after)]
    return Verdict(count, right, named / count, means[0], means[1], judged, failures + without)


async def _judge(
    reasoner: VisionReasoner, rng: random.Random, shots: Sequence[Shot], count: int
) -> tuple[tuple[float, float, float], int]:
    """Shares of right answers to the third question's three parts, and how many questions got no answer."""
    right, failures = [0, 0, 0], 0
    for _ in range(count):
        task = judging(rng, shots)
        try:
            (found,) = await reasoner.judge(parse(task.sentence), [shots[task.picture].picture])
        except ReasoningError:
            failures += 1
            continue
        for place, name in enumerate(("action_right", "object_there", "person_whole")):
            right[place] += getattr(found, name) == getattr(task.verdict, name)
    action, thing, whole = (hits / count for hits in right)
    return (action, thing, whole), failures


def _wrong(rng: random.Random, pool: Pool, kind: int) -> Mending:
    """A layout whose given box, if any, is not the right one already."""
    while (layout := mending(rng, pool.scenes, kind)).look.object_box == layout.right:
        pass
    return layout


async def _mend(
    reasoner: VisionReasoner, shots: Sequence[Shot], layout: Mending, sentence: str
) -> float | None:
    try:
        found = await reasoner.lay_out(parse(sentence), shots[layout.picture].picture, layout.look)
    except ReasoningError:
        return None
    return found.object_box.iou(layout.right)


def _sentence(pool: Pool, layout: Mending) -> str:
    drawing = pool.scenes[layout.picture // 3].drawing
    return f"a {drawing.subject} is {drawing.verb} {with_article(drawing.object)}"


def _mean(values: Sequence[Any]) -> float:
    return sum(values) / len(values) if values else 0.0
