"""What a latent diffusion checkpoint offers the engine: encode, denoise, decode (SD 1.x layout)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline
from torch import Tensor

from record.errors import CheckpointError, PromptError
from record.facts import Facts
from record.prompt import Prompt, token_indices
from record.types import Image


@dataclass(frozen=True)
class TokenRoles:
    """Masks over the tokens of a prompt (bool, tokens): what each token is to the method."""

    content: Tensor  # words, without start, end and padding
    shared: Tensor  # words that also stand in the intransitive prompt
    subject: Tensor  # the subject's head words
    verb: Tensor
    object: Tensor  # the object's head words


@dataclass(frozen=True)
class Conditioning:
    """What the UNet is told of one text: its tokens, and (SDXL only) the text as one vector."""

    tokens: Tensor  # tokens x channels
    pooled: Tensor | None = None  # channels


@dataclass(frozen=True)
class Schedule:
    """DDIM's timesteps (T, descending) and the cumulative alphas before and after each (T)."""

    timesteps: Tensor
    alphas: Tensor
    next_alphas: Tensor


@dataclass(frozen=True)
class Backbone:
    """A loaded checkpoint. Weights are frozen; nothing here keeps state between calls."""

    name: str
    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: DDIMScheduler
    facts: Facts
    device: torch.device
    dtype: torch.dtype

    @classmethod
    def from_pretrained(
        cls, checkpoint: str | Path, device: str = "cpu", dtype: torch.dtype = torch.float32
    ) -> Self:
        """Load a diffusers folder or hub id of the SD 1.x layout; CheckpointError says what is amiss."""
        name = str(checkpoint)
        try:
            pipe: Any = StableDiffusionPipeline.from_pretrained(
                name, dtype=dtype, safety_checker=None, requires_safety_checker=False
            )
        except (OSError, ValueError) as error:
            raise CheckpointError(
                f"no Stable Diffusion checkpoint at {name!r} ({error}): give a diffusers folder or a hub id"
            ) from error
        for part in (pipe.unet, pipe.vae, pipe.text_encoder):
            part.to(device=device, dtype=dtype).eval().requires_grad_(False)
        scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
        facts = Facts.read(name)
        return cls(
            name, pipe.unet, pipe.vae, pipe.text_encoder, pipe.tokenizer, scheduler, facts,
            torch.device(device), dtype,
        )  # fmt: skip

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of the latents."""
        size = int(self.unet.config.sample_size)
        return int(self.unet.config.in_channels), size, size

    @property
    def map_size(self) -> int:
        """Edge of the cross-attention maps the method reads: 16 where latents are 64 or 32."""
        return min(16, self.latent_shape[1] // 2)

    def initial_noise(self, seed: int) -> Tensor:
        """The latents (C x h x w) diffusers' pipeline starts from, given a CPU generator of `seed`."""
        generator = torch.Generator("cpu").manual_seed(seed)
        noise: Tensor = torch.randn((1, *self.latent_shape), generator=generator, dtype=self.dtype)
        scaled: Tensor = noise[0].to(self.device) * self.scheduler.init_noise_sigma
        return scaled

    def schedule(self, steps: int) -> Schedule:
        """DDIM's grid for `steps` steps; the last step's next alpha is the scheduler's final one."""
        scheduler = DDIMScheduler.from_config(self.scheduler.config)
        scheduler.set_timesteps(steps)
        timesteps = scheduler.timesteps
        earlier = timesteps - scheduler.config["num_train_timesteps"] // steps
        alphas = scheduler.alphas_cumprod
        following = torch.where(earlier >= 0, alphas[earlier.clamp(min=0)], scheduler.final_alpha_cumprod)
        return Schedule(timesteps, alphas[timesteps], following)

    @torch.no_grad()
    def encode(self, text: str) -> Conditioning:
        """Embed one text."""
        return Conditioning(_encoded(self.text_encoder, self.tokenizer, text))

    def roles(self, prompt: Prompt) -> TokenRoles:
        """Find every token's role by character offset; PromptError if the object is cut off."""
        found = self.tokenizer(
            prompt.text, padding="max_length", truncation=True, return_offsets_mapping=True,
            max_length=self.tokenizer.model_max_length,
        )  # fmt: skip
        offsets = [(int(a), int(b)) for a, b in found["offset_mapping"]]
        named = {role: token_indices(offsets, prompt.spans[role]) for role in ("subject", "verb", "object")}
        last_word = len(prompt.text.rstrip())
        if not named["object"] or max(b for _, b in offsets) < last_word:
            limit = self.tokenizer.model_max_length - 2
            raise PromptError(
                f"the prompt has more than the {limit} tokens this checkpoint reads: shorten it",
                param="prompt", code="prompt_too_long",
            )  # fmt: skip
        masks = {
            "content": [end > start for start, end in offsets],
            "shared": [end > start and end <= len(prompt.intransitive) for start, end in offsets],
        } | {role: [index in own for index in range(len(offsets))] for role, own in named.items()}
        return TokenRoles(**{role: torch.tensor(mask, device=self.device) for role, mask in masks.items()})

    def denoise(self, latents: Tensor, timesteps: Tensor, conditionings: Sequence[Conditioning]) -> Tensor:
        """The UNet's prediction (B x C x h x w) for rows at their own timesteps (B), each its text."""
        tokens = torch.stack([one.tokens for one in conditionings])
        result: Tensor = self.unet(latents, timesteps.to(self.device), tokens, return_dict=False)[0]
        return result

    @torch.no_grad()
    def decode(self, latents: Tensor) -> list[Image]:
        """Pictures (uint8, H x W x 3) of latents (B x C x h x w)."""
        decoded = self.vae.decode(latents / self.vae.config.scaling_factor, return_dict=False)[0]
        unit = (decoded / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).float().cpu().numpy()
        return list((unit * 255).round().astype(np.uint8))


@lru_cache(maxsize=512)
def _encoded(text_encoder: Any, tokenizer: Any, text: str) -> Tensor:
    tokens = tokenizer(
        text,
        padding="max_length",
        truncation=True,
        max_length=tokenizer.model_max_length,
        return_tensors="pt",
    )
    embedding: Tensor = text_encoder(tokens.input_ids.to(text_encoder.device))[0][0]
    return embedding
