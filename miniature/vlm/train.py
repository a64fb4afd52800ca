"""Stage 2: connector and decoder learn the three tasks as text, on the frozen tower's features.

Every step sees four batches: pictures to name and choose from, choices whose poses are given as text
(cheap, and they teach the look-up from a pose back to its number), layouts to mend, and pictures to
judge. The number of pictures grows with the time spent. Only answers are learned; stretches of JSON weigh
little, and a box's number is learned as a narrow bell over its neighbours: 41 is nearly right where 42 is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast
from transformers.models.idefics3 import Idefics3ForConditionalGeneration

from miniature.diffusion.tokenizer import check_vocabulary, vocabulary_digest
from miniature.vlm.features import Pool
from miniature.vlm.samples import Poses, Sample, judging, mending
from miniature.vlm.scenes import Shot
from miniature.vlm.tokenizer import NUMBERS, POSES, THINGS

LEARNING_RATE = 1.5e-3
CHOOSE, LOOK_UP, MEND, JUDGE = 16, 16, 16, 24
"""Samples of each kind in a step."""
_LITERAL_WEIGHT = 0.05
_SPREAD = 1.5
_MOST = 6


@dataclass(frozen=True)
class Batch:
    """Token ids (N x T, padded on the right), loss weights (N x T) and all pictures in order."""

    ids: torch.Tensor
    weights: torch.Tensor
    pictures: list[int]


class Coder:
    """Turns samples into batches."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self._tokenizer = tokenizer
        self.numbers: list[int] = tokenizer.convert_tokens_to_ids(list(NUMBERS))
        self.image: int = tokenizer.convert_tokens_to_ids("<image>")
        named = [f'{name}", ' for name in (*POSES, *THINGS)]
        literals = [token for token in tokenizer.get_vocab() if '"' in token and token not in named]
        self._literals = set(tokenizer.convert_tokens_to_ids([*literals, "]}", ", "]))

    def encode(self, text: str) -> list[int]:
        """Token ids, nothing added."""
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def decode(self, ids: list[int]) -> str:
        """The text of token ids, special ones included."""
        text: str = self._tokenizer.decode(ids)
        return text

    def batch(self, samples: Sequence[Sample]) -> Batch:
        """Pad to the longest; the loss falls on answers only."""
        rows = []
        for sample in samples:
            before, answer = self.encode(sample.question + sample.given), self.encode(sample.answer)
            counted = [_LITERAL_WEIGHT if i in self._literals else 1.0 for i in answer]
            rows.append((before + answer, [0.0] * len(before) + counted))
        longest = max(len(ids) for ids, _ in rows)
        pad = self._tokenizer.pad_token_id
        ids = torch.tensor([ids + [pad] * (longest - len(ids)) for ids, _ in rows])
        weights = torch.tensor([some + [0.0] * (longest - len(some)) for _, some in rows])
        return Batch(ids, weights, [picture for sample in samples for picture in sample.pictures])


def states(
    model: Idefics3ForConditionalGeneration, batch: Batch, seen: torch.Tensor, image: int
) -> torch.Tensor:
    """The decoder's last states, N x T x width. Padding is on the right, so causality masks it."""
    embedded = model.get_input_embeddings()(batch.ids)
    if batch.pictures:
        tokens = model.model.connector(seen[batch.pictures].float())
        embedded = embedded.masked_scatter((batch.ids == image)[..., None], tokens.to(embedded.dtype))
    out: torch.Tensor = model.model.text_model(inputs_embeds=embedded, use_cache=False).last_hidden_state
    return out


def bell(count: int) -> torch.Tensor:
    """count x count: row n is a normal bell around n, summing to 1."""
    places = torch.arange(count, dtype=torch.float32)
    return torch.softmax(-((places[:, None] - places[None]) ** 2) / (2 * _SPREAD**2), dim=1)


def loss_of(
    model: Idefics3ForConditionalGeneration, batch: Batch, seen: torch.Tensor, coder: Coder, *, soft: bool
) -> torch.Tensor:
    """The weighted mean cross-entropy of the answers; `soft` spreads numbers over their neighbours."""
    hidden = states(model, batch, seen, coder.image)[:, :-1]
    wanted, weights = batch.ids[:, 1:], batch.weights[:, 1:]
    chosen = weights > 0
    wanted, weights = wanted[chosen], weights[chosen]
    scores = model.lm_head(hidden[chosen]).log_softmax(-1)
    losses = -scores.gather(1, wanted[:, None])[:, 0]
    if soft:
        first, last = coder.numbers[0], coder.numbers[-1] + 1
        number = (wanted >= first) & (wanted < last)
        target = bell(last - first)[wanted[number] - first]
        losses = losses.masked_scatter(number, -(target * scores[number, first:last]).sum(1))
    mean: torch.Tensor = (losses * weights).sum() / weights.sum()
    return mean


def _choosing(rng: random.Random, poses: Poses, progress: float) -> list[Sample]:
    """Pictures to name and choose from: one or two at first, in the end mostly five."""
    most = 2 if progress < 0.1 else 3 if progress < 0.2 else 5 if progress < 0.6 else _MOST
    samples = []
    for _ in range(CHOOSE):
        count = rng.randint(1, most) if progress < 0.3 or rng.random() < 0.4 else 5
        right = rng.choices((0, 1, 2), (0.08, 0.77, 0.15))[0]
        samples.append(poses.choosing(rng, count, min(right, count)).sample())
    return samples


def _samples(
    rng: random.Random, pool: Pool, shots: Sequence[Shot], poses: Poses, progress: float
) -> Iterator[tuple[list[Sample], bool]]:
    """The four batches of a step, and whether their numbers are learned as bells."""
    yield _choosing(rng, poses, progress), False
    yield [poses.choosing(rng, rng.randint(2, _MOST)).look_up() for _ in range(LOOK_UP)], False
    yield [mending(rng, pool.scenes).sample() for _ in range(MEND)], True
    yield [judging(rng, shots).sample() for _ in range(JUDGE)], False


def _rate(progress: float, step: int) -> float:
    return LEARNING_RATE * min(1.0, (step + 1) / 50) * max(0.02, 1 - progress**2)


def train(
    model: Idefics3ForConditionalGeneration,
    tokenizer: PreTrainedTokenizerFast,
    pool: Pool,
    seen: torch.Tensor,
    *,
    seconds: float,
    checkpoint: Path,
    on_save: Callable[[float], None] = lambda spent: None,
) -> None:
    """Train for `seconds`, saving every three minutes; a saved run is taken up again.

    ValueError if the saved run had another vocabulary.
    """
    rng, coder, shots = random.Random(0), Coder(tokenizer), pool.shots
    poses = Poses(shots)
    learned = [p for name, p in model.named_parameters() if "vision_model" not in name]
    optimizer = torch.optim.AdamW(learned, lr=LEARNING_RATE, weight_decay=0.01, betas=(0.9, 0.98))
    spent, step = _resume(checkpoint, model, optimizer, tokenizer)
    began, saved = time.monotonic() - spent, time.monotonic()
    model.train()
    while (spent := time.monotonic() - began) < seconds:
        progress = spent / seconds
        for group in optimizer.param_groups:
            group["lr"] = _rate(progress, step)
        optimizer.zero_grad()
        losses = []
        for samples, soft in _samples(rng, pool, shots, poses, progress):
            loss = loss_of(model, coder.batch(samples), seen, coder, soft=soft)
            loss.backward()  # type: ignore[no-untyped-call]
            losses.append(loss.item())
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        step += 1
        if step % 50 == 0:
            print(
                f"text {step} {spent:.0f} s choose, look up, mend, judge:",
                [round(x, 3) for x in losses],
                flush=True,
            )
        if time.monotonic() - saved > 180:
            _save(checkpoint, model, optimizer, tokenizer, spent, step)
            on_save(spent)
            saved = time.monotonic()
    _save(checkpoint, model, optimizer, tokenizer, seconds, step)
    on_save(seconds)


def read(path: Path, tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    """A checkpoint of `train`; ValueError if it was trained with another vocabulary."""
    state: dict[str, Any] = torch.load(path, weights_only=True)
    check_vocabulary(state.get("vocabulary"), tokenizer, str(path))
    return state


def _resume(
    path: Path,
    model: Idefics3ForConditionalGeneration,
    optimizer: Any,
    tokenizer: PreTrainedTokenizerFast,
) -> tuple[float, int]:
    if not path.exists():
        return 0.0, 0
    state = read(path, tokenizer)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return float(state["spent"]), int(state["step"])


def _save(
    path: Path,
    model: Idefics3ForConditionalGeneration,
    optimizer: Any,
    tokenizer: PreTrainedTokenizerFast,
    spent: float,
    step: int,
) -> None:
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "spent": spent, "step": step}
    state["vocabulary"] = vocabulary_digest(tokenizer)
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)
