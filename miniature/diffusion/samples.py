"""Pictures, latents and captions as training samples."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from transformers import CLIPTokenizer

from miniature.diffusion.dataset import Dataset
from miniature.diffusion.tokenizer import token_ids, word_mask
from miniature.world.bias import Bias


@dataclass(frozen=True)
class Samples:
    """Everything a step draws from, by picture: latents, token numbers, noun tokens and masks.

    `nouns` (N, 2, tokens) marks the tokens of object and subject; `masks` (N, 2, 256) their share 0..255.
    """

    latents: torch.Tensor
    ids: torch.Tensor
    nouns: torch.Tensor
    masks: torch.Tensor
    no_caption: torch.Tensor


def samples_of(
    data: Dataset, latents: torch.Tensor, captions: Sequence[str], tokenizer: CLIPTokenizer
) -> Samples:
    """What a training step draws from, for the first pictures: as many as there are latents."""
    count = len(latents)
    ids = token_ids(tokenizer, list(captions[:count]))

    @cache
    def where(row: tuple[int, ...], noun: str) -> torch.Tensor:
        return word_mask(tokenizer, torch.tensor(row), noun)

    nouns = [
        torch.stack([where(tuple(row), truth.object), where(tuple(row), truth.subject)])
        for row, truth in zip(ids.tolist(), data.truths[:count], strict=True)
    ]
    masks = torch.from_numpy(data.masks[:count].copy()).flatten(2)
    return Samples(latents, ids, torch.stack(nouns), masks, token_ids(tokenizer, [""])[0])


def digest_of(latents: torch.Tensor, captions: Sequence[str], bias: Bias) -> str:
    """A name for the training data: 16 hex digits over latents, captions and bias."""
    told = hashlib.sha256(repr(bias).encode())
    told.update("\n".join(captions[: len(latents)]).encode())
    told.update(latents.contiguous().view(torch.uint8).numpy().tobytes())
    return told.hexdigest()[:16]
