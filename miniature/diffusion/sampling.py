"""Plain sampling with classifier-free guidance, and the nouns' attention read on the way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from diffusers import StableDiffusionPipeline

from miniature.diffusion.dataset import GRID
from miniature.diffusion.models import AttentionReader
from miniature.diffusion.tokenizer import token_ids, word_mask
from miniature.training.pixels import Bytes, to_bytes


@dataclass(frozen=True)
class Sampled:
    """`pictures` uint8 (B, 256, 256, 3); `maps` float32 (B, 16, 16), the noun's mean over the steps."""

    pictures: Bytes
    maps: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sampler:
    """A loaded checkpoint that draws batches; every picture has the noise of its own seed."""

    pipe: Any

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Load a diffusers folder in float32."""
        pipe = StableDiffusionPipeline.from_pretrained(
            folder, torch_dtype=torch.float32, safety_checker=None, requires_safety_checker=False
        )
        return cls(pipe)

    @torch.no_grad()
    def draw(
        self, captions: list[str], nouns: list[str], seeds: list[int], *, steps: int = 20, scale: float = 4.0
    ) -> Sampled:
        """One picture for each caption; a noun's map is the sum over its tokens."""
        tokenizer, unet, scheduler = self.pipe.tokenizer, self.pipe.unet, self.pipe.scheduler
        ids = token_ids(tokenizer, captions)
        tokens = torch.stack([word_mask(tokenizer, row, noun) for row, noun in zip(ids, nouns, strict=True)])
        context = torch.cat([ids, token_ids(tokenizer, [""] * len(ids))])
        context = self.pipe.text_encoder(context).last_hidden_state
        noise = [torch.randn(4, 32, 32, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        latents, reader = torch.stack(noise), AttentionReader(unet)
        total = torch.zeros(len(ids), GRID * GRID)
        scheduler.set_timesteps(steps)
        for time in scheduler.timesteps:
            told, untold = unet(torch.cat([latents, latents]), time, context).sample.chunk(2)
            total += torch.einsum("bpt,bt->bp", reader.take()[: len(ids)], tokens.float())
            latents = scheduler.step(untold + scale * (told - untold), time, latents).prev_sample
        reader.unread()
        decoded = torch.cat([self.pipe.vae.decode(some).sample for some in torch.split(latents, 8)])
        return Sampled(to_bytes(decoded), (total / steps).view(-1, GRID, GRID).numpy())
