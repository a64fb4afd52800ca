"""The sizing table: how many trajectories share a step on which card, and in how much memory.

python -m fleet.sizing prints it. All of it is computed; no card was at hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fleet.cards import CARDS, Card
from fleet.models import CHECKPOINTS, QWEN3_VL_8B, Checkpoint, Language

ROWS = 7
"""Most rows of a trajectory's step, those of MultiDiffusion; six are `record`'s with everything on."""
USUAL_ROWS = 4
"""Rows of a step on average, over a request with `record` at its defaults: 1250 row-steps in 300 steps."""
GUIDED_ROWS = 4
"""Rows that guidance differentiates in one call: record.engine.guide.ROWS_A_CALL."""
BUSY = 0.9
"""Share of a step that is arithmetic and not launching: above it a larger batch only makes steps longer."""
FEWEST, MOST = 5, 32
"""Trajectories a step: at least the candidates of one request, and no more than one process can schedule."""
CONTEXTS = 4
"""Requests at full length that a language model's cache has to hold."""


@dataclass(frozen=True)
class Fit:
    """A checkpoint on a card: its share of the card, and what its replica is configured with."""

    card: Card
    checkpoint: Checkpoint
    num_gpus: float
    max_trajectories: int
    memory_gib: float
    gradient_checkpointing: bool

    @property
    def row_steps_per_s(self) -> float:
        """How fast a replica draws with all its places taken, beside others as busy on its card."""
        rows = self.max_trajectories * USUAL_ROWS
        return rows / (self.checkpoint.step_s + rows * row_s(self.checkpoint, self.card, self.num_gpus))


def row_s(checkpoint: Checkpoint, card: Card, num_gpus: float = 1.0) -> float:
    """Seconds of one row on this share of a busy card: computed."""
    return checkpoint.row_tera / (card.tera * num_gpus)


def worth_sharing(checkpoint: Checkpoint, card: Card, num_gpus: float = 1.0) -> int:
    """Trajectories that keep this share of the card busy: more would only wait for each other."""
    rows = BUSY / (1 - BUSY) * checkpoint.step_s / row_s(checkpoint, card, num_gpus)
    return min(MOST, max(FEWEST, math.ceil(rows / USUAL_ROWS)))


def fit(checkpoint: Checkpoint, card: Card, num_gpus: float = 1.0) -> Fit | None:
    """How the checkpoint is run on that share of the card; None where it does not fit."""
    left = card.usable_gib(num_gpus) - checkpoint.weights_gib - checkpoint.decode_mib / 1024
    for is_checkpointed, guided in ((False, checkpoint.guided_mib), (True, checkpoint.checkpointed_mib)):
        if left >= max(GUIDED_ROWS * guided, FEWEST * ROWS * checkpoint.row_mib) / 1024:
            most = int(left * 1024 / (ROWS * checkpoint.row_mib))
            shared = min(most, worth_sharing(checkpoint, card, num_gpus))
            return Fit(card, checkpoint, num_gpus, shared, math.floor(left * 10) / 10, is_checkpointed)
    return None


def tensor_parallel(language: Language, card: Card) -> int | None:
    """Cards that one engine is spread over: 1, 2, 4 or 8; None where eight are too few."""
    needed = language.weights_gib + CONTEXTS * language.context_gib
    return next((cards for cards in (1, 2, 4, 8) if needed / cards <= card.usable_gib(0.9)), None)


def lines() -> list[str]:
    """The table as Markdown."""
    found = [
        "| card | model | `num_gpus` | weights | `memory_gib` | `max_trajectories` | "
        "`gradient_checkpointing` | `row_steps_per_s` |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for card in CARDS.values():
        for checkpoint in CHECKPOINTS.values():
            found += [_line(card, checkpoint, share) for share in (1.0, 0.5)]
    found += ["", f"| card | cards for one {QWEN3_VL_8B.name} (`tensor_parallel_size`) |", "| --- | --- |"]
    for card in CARDS.values():
        found.append(f"| {_named(card)} | {tensor_parallel(QWEN3_VL_8B, card)} |")
    return found


def _line(card: Card, checkpoint: Checkpoint, num_gpus: float) -> str:
    one = fit(checkpoint, card, num_gpus)
    start = f"| {_named(card)} | {checkpoint.name} | {num_gpus:g} | {checkpoint.weights_gib:.1f} GiB |"
    if one is None:
        return f"{start} does not fit | | | |"
    is_checkpointed = "true" if one.gradient_checkpointing else "false"
    places = f"{one.memory_gib:.1f} | {one.max_trajectories} | {is_checkpointed}"
    return f"{start} {places} | {one.row_steps_per_s:.0f} |"


def _named(card: Card) -> str:
    return f"{card.gb} GB ({card.name})"


if __name__ == "__main__":
    print("\n".join(lines()))
