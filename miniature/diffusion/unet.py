"""Train denoiser and text encoder together, with the nouns' attention supervised by their masks."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from transformers import CLIPTokenizer

from miniature.diffusion.dataset import Dataset
from miniature.diffusion.models import AttentionReader, make_scheduler, make_text_encoder, make_unet
from miniature.diffusion.tokenizer import (
    check_vocabulary,
    make_tokenizer,
    token_ids,
    vocabulary_digest,
    word_mask,
)
from miniature.training.progress import Budget, Means, rate

_BATCH = 16
_PEAK_RATE = 1e-3
_FLAT_SHARE = 0.4
_DROPPED_CAPTIONS = 0.1
_ATTENTION_WEIGHT = 0.1
_EMA = 0.999
_SAVE_SECONDS = 300.0


@dataclass(frozen=True)
class Samples:
    """Everything a step draws from, by picture: latents, token numbers, noun tokens and masks.

    `nouns` (N, 2, tokens) marks the tokens of object and subject; `masks` (N, 2, 256) their share 0..1.
    """

    latents: torch.Tensor
    ids: torch.Tensor
    nouns: torch.Tensor
    masks: torch.Tensor
    no_caption: torch.Tensor

    @classmethod
    def of(cls, data: Dataset, latents: torch.Tensor, tokenizer: CLIPTokenizer) -> Samples:
        """Put together the pictures that have latents."""
        truths = data.truths[: len(latents)]
        ids = token_ids(tokenizer, [truth.caption for truth in truths])
        nouns = [
            torch.stack([word_mask(tokenizer, row, truth.object), word_mask(tokenizer, row, truth.subject)])
            for row, truth in zip(ids, truths, strict=True)
        ]
        masks = torch.from_numpy(data.masks[: len(latents)].copy()).flatten(2)
        return cls(latents, ids, torch.stack(nouns), masks, token_ids(tokenizer, [""])[0])


@dataclass
class Learner:
    """What training changes; `average` holds the moving means of all weights, unet then text."""

    unet: Any
    text: Any
    optimizer: torch.optim.Optimizer
    average: list[torch.Tensor]
    tokenizer: CLIPTokenizer
    step: int = 0

    @classmethod
    def fresh(cls, tokenizer: CLIPTokenizer) -> Learner:
        """New weights from torch's current seed."""
        unet = make_unet().to(memory_format=torch.channels_last)
        text = make_text_encoder(tokenizer)
        weights = [*unet.parameters(), *text.parameters()]
        optimizer = torch.optim.AdamW(
            weights, lr=_PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-3, fused=True
        )
        return cls(unet, text, optimizer, [w.detach().clone() for w in weights], tokenizer)

    def weights(self) -> list[torch.nn.Parameter]:
        """All that is learnt, unet then text."""
        return [*self.unet.parameters(), *self.text.parameters()]

    @torch.no_grad()
    def averaged(self) -> tuple[Any, Any]:
        """Copies of unet and text encoder with the averaged weights."""
        unet, text = copy.deepcopy(self.unet), copy.deepcopy(self.text)
        for weight, mean in zip([*unet.parameters(), *text.parameters()], self.average, strict=True):
            weight.copy_(mean)
        return unet, text

    def save(self, path: Path, spent: float) -> None:
        """Write all that `load` needs, by way of a second file so that none is ever half written."""
        state = {
            "unet": self.unet.state_dict(),
            "text": self.text.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "spent": spent,
            "vocabulary": vocabulary_digest(self.tokenizer),
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)

    def load(self, path: Path) -> float:
        """Go on from a checkpoint; returns the seconds already spent.

        ValueError if the checkpoint was trained with another vocabulary.
        """
        state = torch.load(path, weights_only=True)
        check_vocabulary(state.get("vocabulary"), self.tokenizer, str(path))
        self.unet.load_state_dict(state["unet"])
        self.text.load_state_dict(state["text"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.average, self.step = state["average"], state["step"]
        return float(state["spent"])


def attention_loss(
    maps: torch.Tensor, nouns: torch.Tensor, masks: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """How badly the nouns' maps fit their masks (token loss + binary cross-entropy), weighted per sample.

    maps (B, 256, tokens), nouns (B, 2, tokens) bool, masks (B, 2, 256) in 0..1, weight (B,). A noun's map
    is the sum over its tokens. Nouns without tokens or pixels do not count.
    """
    found = torch.einsum("bpt,bnt->bnp", maps, nouns.to(maps.dtype)).clamp(1e-5, 1 - 1e-5)
    present = nouns.any(-1) & (masks.sum(-1) > 0.5)
    share = weight[:, None] * present
    firm = (masks > 0.3).to(maps.dtype)
    firm = torch.where(firm.sum(-1, keepdim=True) > 0, firm, (masks > 0).to(maps.dtype))
    outside = (1 - (found * firm).sum(-1) / found.sum(-1)) ** 2
    pixels = F.binary_cross_entropy(found, masks, reduction="none").mean(-1)
    return ((outside + pixels) * share).sum() / share.sum().clamp(min=1)


class Denoiser(Protocol):
    """A denoiser and its text encoder while they learn."""

    unet: Any
    text: Any


def loss_of(
    learner: Denoiser,
    reader: AttentionReader,
    samples: Samples,
    rows: torch.Tensor,
    alphas: torch.Tensor,
    *,
    half: bool = False,
    dropped: float = _DROPPED_CAPTIONS,
) -> tuple[torch.Tensor, torch.Tensor]:
    """(mean squared error of the velocity, attention loss) of the samples in `rows`.

    `half` computes in bfloat16; `dropped` is the share of captions left out.
    """
    latents = samples.latents[rows].float()
    # One timestep from each of B equal parts: less noise in the gradient than independent ones.
    times = ((torch.arange(len(rows)) + torch.rand(len(rows))) * 1000 / len(rows)).long()
    alpha = alphas[times][:, None, None, None]
    noise = torch.randn_like(latents)
    noisy = (alpha.sqrt() * latents + (1 - alpha).sqrt() * noise).contiguous(
        memory_format=torch.channels_last
    )
    velocity = alpha.sqrt() * noise - (1 - alpha).sqrt() * latents
    untold = torch.rand(len(rows)) < dropped
    ids = torch.where(untold[:, None], samples.no_caption, samples.ids[rows])
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        predicted = learner.unet(noisy, times, learner.text(ids).last_hidden_state).sample
    weight = alpha.flatten().sqrt().clamp(min=0.15) * ~untold
    masks = samples.masks[rows].float() / 255
    fit = attention_loss(reader.take().float(), samples.nouns[rows], masks, weight)
    return F.mse_loss(predicted.float(), velocity), fit


def _update(learner: Learner, loss: torch.Tensor, learning_rate: float) -> None:
    for group in learner.optimizer.param_groups:
        group["lr"] = learning_rate
    learner.optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(learner.weights(), 1.0)
    learner.optimizer.step()
    learner.step += 1
    decay = min(_EMA, (learner.step + 1) / (learner.step + 20))
    with torch.no_grad():
        torch._foreach_lerp_(learner.average, [w.detach() for w in learner.weights()], 1 - decay)


def train(
    data: Dataset,
    latents: torch.Tensor,
    checkpoint: Path,
    minutes: float,
    *,
    seed: int = 0,
    on_save: Callable[[Any, Any, CLIPTokenizer], None] | None = None,
) -> None:
    """Train for so many minutes in all, going on from `checkpoint` where it exists.

    Saves every five minutes; `on_save` then gets the averaged unet and text encoder and the tokenizer.
    """
    torch.manual_seed(seed)
    tokenizer = make_tokenizer()
    samples, learner = Samples.of(data, latents, tokenizer), Learner.fresh(tokenizer)
    spent = learner.load(checkpoint) if checkpoint.exists() else 0.0
    torch.manual_seed(seed + learner.step)
    budget, means, saved = Budget(minutes, spent), Means("unet", 100), spent
    reader, alphas = AttentionReader(learner.unet), make_scheduler().alphas_cumprod
    order = torch.randperm(len(latents))

    def save() -> None:
        learner.save(checkpoint, budget.spent)
        if on_save:
            denoiser, text = learner.averaged()
            on_save(denoiser, text, tokenizer)

    while budget.share < 1:
        if len(order) < _BATCH:
            order = torch.randperm(len(latents))
        rows, order = order[:_BATCH], order[_BATCH:]
        error, attention = loss_of(learner, reader, samples, rows, alphas)
        rated = rate(_PEAK_RATE, learner.step, budget.share, flat=_FLAT_SHARE, warm=100)
        _update(learner, error + _ATTENTION_WEIGHT * attention, rated)
        means.add(learner.step, _BATCH, budget, mse=error.item(), attention=attention.item())
        if budget.spent - saved > _SAVE_SECONDS:
            saved = budget.spent
            save()
    save()
