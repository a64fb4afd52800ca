"""A loaded checkpoint: encode, denoise, decode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Self

import numpy as np
import torch
from diffusers import StableDiffusionXLPipeline
from diffusers.models.attention import FeedForward
from diffusers.models.resnet import ResnetBlock2D
from torch import Tensor

from record.backbone.adapters import Adapter, Interaction, load_adapter
from record.backbone.conditioning import Conditioning, TokenRoles, encoded, find_roles
from record.backbone.loading import family_of, load_pipeline, map_edge, map_layers
from record.backbone.parts import Ddim, Pipeline, Tokenizer, Unet, Vae
from record.backbone.precision import torch_dtype
from record.backbone.preview import Colours
from record.backbone.schedule import Schedule, ddim_scheduler
from record.errors import CheckpointError
from record.facts import Facts
from record.reading.prompt import Prompt
from record.types import Picture, Precision

TEXTS_KEPT = 128
COLOURS_KEPT = 32
LARGEST_FITTED = 256


@dataclass(frozen=True)
class Backbone:
    """A loaded checkpoint. Weights are frozen; between calls only encoded texts are kept."""

    name: str
    pipeline: Pipeline  # StableDiffusionPipeline or StableDiffusionXLPipeline
    scheduler: Ddim
    facts: Facts
    device: torch.device
    dtype: torch.dtype
    adapter: Adapter | None = None

    @classmethod
    def from_pretrained(
        cls,
        checkpoint: str | Path,
        device: str = "cpu",
        dtype: Precision | torch.dtype = torch.float32,
        *,
        variant: str | None = None,
        config: str | Path | None = None,
        adapter: str | Path | None = None,
        gradient_checkpointing: bool = False,
        compile_blocks: bool = False,
    ) -> Self:
        """Load a diffusers folder, a hub id or one .safetensors file of SD 1.x, SD 2.x or SDXL.

        `dtype` "auto" is bfloat16 where that is faster, else float32; on a processor it is measured, once.
        `variant` picks a set of weights ("fp16"); `config` is a diffusers folder or hub id that a single
        file's tokenizer, scheduler and sizes come from; `adapter` is a folder of InteractDiffusion's
        weights. With `gradient_checkpointing` guidance repeats forwards instead of keeping them, for less
        memory; with `compile_blocks` torch.compile fuses the blocks that no attention control touches.
        CheckpointError says what is amiss.
        """
        name, dtype_for = str(checkpoint), partial(torch_dtype, dtype, device)
        pipe = load_pipeline(name, dtype_for, variant, str(config) if config else None)
        scheduler = ddim_scheduler(pipe.scheduler, name)
        for part in (pipe.unet, pipe.vae, pipe.text_encoder, getattr(pipe, "text_encoder_2", None)):
            if part is not None:
                part.to(device).eval().requires_grad_(False)
        if _overflows(pipe):
            pipe.vae.float()
        if gradient_checkpointing:
            pipe.unet.enable_gradient_checkpointing()
        if compile_blocks:
            compile_untouched(pipe.unet)
        added = load_adapter(pipe, adapter) if adapter else None
        facts = replace(Facts.read(name), family=family_of(pipe))
        return cls(name, pipe, scheduler, facts, torch.device(device), pipe.unet.dtype, added)

    @property
    def unet(self) -> Unet:
        """The denoiser, a diffusers UNet2DConditionModel."""
        return self.pipeline.unet

    @property
    def vae(self) -> Vae:
        """The autoencoder, a diffusers AutoencoderKL."""
        return self.pipeline.vae

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer; SDXL's second one cuts texts into the same tokens."""
        return self.pipeline.tokenizer

    @property
    def latent_shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of the latents."""
        size = int(self.unet.config.sample_size)
        return int(self.unet.config.in_channels), size, size

    @property
    def picture_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        edge = self.latent_shape[1] * 2 ** (len(self.vae.config.block_out_channels) - 1)
        return edge, edge

    @property
    def map_size(self) -> int:
        """Edge of the cross-attention maps the method reads."""
        return map_edge(self.latent_shape[1])

    @cached_property
    def map_layers(self) -> int:
        """Layers whose maps are read."""
        return map_layers(self.unet)

    def initial_noise(self, seed: int) -> Tensor:
        """The latents (C x h x w, float32) a diffusers pipeline in float32 starts from, given `seed`.

        The same at every precision: only the UNet works in the checkpoint's dtype.
        """
        generator = torch.Generator("cpu").manual_seed(seed)
        noise: Tensor = torch.randn((1, *self.latent_shape), generator=generator)
        scaled: Tensor = noise[0].to(self.device) * self.scheduler.init_noise_sigma
        return scaled

    def schedule(self, steps: int) -> Schedule:
        """DDIM's grid for `steps` steps."""
        return Schedule.of(self.scheduler, steps)

    def encode(self, text: str, interactions: tuple[Interaction, ...] | None = None) -> Conditioning:
        """Embed one text; an empty one as the checkpoint's unconditional rows are.

        With `interactions` it is grounded as well, with () in nothing, as unconditional rows beside
        grounded ones are. CheckpointError if there is no adapter for that.
        """
        conditioning = self._encoded(text)
        return conditioning if interactions is None else self._grounded(conditioning, interactions)

    def roles(self, prompt: Prompt) -> TokenRoles:
        """Find every token's role by character offset; PromptError if part of the prompt is cut off."""
        return find_roles(self.tokenizer, prompt, self.device)

    def denoise(self, latents: Tensor, timesteps: Tensor, conditionings: Sequence[Conditioning]) -> Tensor:
        """The UNet's prediction (B x C x h x w) for rows at their own timesteps (B), each its text."""
        tokens = torch.stack([one.tokens for one in conditionings])
        with self._attached(conditionings) as grounding:
            result: Tensor = self.unet(
                latents.to(self.dtype),
                timesteps.to(self.device),
                tokens,
                added_cond_kwargs=self._added(conditionings),
                cross_attention_kwargs=grounding,
                return_dict=False,
            )[0]
        return result.to(latents.dtype)

    @torch.no_grad()
    def decode(self, latents: Tensor) -> list[Picture]:
        """Pictures (uint8, H x W x 3) of latents (B x C x h x w)."""
        scaled = latents.to(self.vae.dtype) / self.vae.config.scaling_factor
        decoded = self.vae.decode(scaled, return_dict=False)[0]
        unit = (decoded / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).float().cpu().numpy()
        return list((unit * 255).round().astype(np.uint8))

    def preview(self, latents: Tensor) -> Picture:
        """What latents (C x h x w) of a finished picture show, small and without decoding (h x w x 3)."""
        return self._colours.picture(latents)

    @cached_property
    def _colours(self) -> Colours:
        return Colours.fit(self._encode_pictures, min(self.picture_size[0], LARGEST_FITTED))

    @torch.no_grad()
    def _encode_pictures(self, pictures: Tensor) -> Tensor:
        """Latents (B x C x h x w, float32) of pictures in -1..1 (B x 3 x H x W)."""
        found = self.vae.encode(pictures.to(self.device, self.vae.dtype)).latent_dist.mode()
        latents: Tensor = found * self.vae.config.scaling_factor
        return latents.float()

    def flat(self, colour: tuple[int, int, int]) -> Tensor:
        """Latents (C x h x w) of a picture of one colour (RGB, 0..255)."""
        return self._flat(colour)

    @cached_property
    def _flat(self) -> Callable[[tuple[int, int, int]], Tensor]:
        return lru_cache(COLOURS_KEPT)(self._encode_flat)

    def _encode_flat(self, colour: tuple[int, int, int]) -> Tensor:
        width, height = self.picture_size
        unit = torch.tensor(colour) / 127.5 - 1
        return self._encode_pictures(unit.view(1, 3, 1, 1).expand(-1, -1, height, width))[0]

    @cached_property
    def _encoded(self) -> Callable[[str], Conditioning]:
        return lru_cache(TEXTS_KEPT)(partial(encoded, self.pipeline))

    def _grounded(self, text: Conditioning, interactions: tuple[Interaction, ...]) -> Conditioning:
        if self.adapter is None:
            raise CheckpointError(f"{self.name!r} has no adapter to ground a picture: load it with one")
        return replace(text, grounding=self._tokens(interactions))

    @cached_property
    def _tokens(self) -> Callable[[tuple[Interaction, ...]], Tensor]:
        assert self.adapter is not None
        return lru_cache(TEXTS_KEPT)(partial(self.adapter.ground, self.pipeline))

    def _attached(
        self, conditionings: Sequence[Conditioning]
    ) -> AbstractContextManager[dict[str, object] | None]:
        """The adapter's layers in place for the grounded rows of a call, if there are any."""
        rows = {i: one.grounding for i, one in enumerate(conditionings) if one.grounding is not None}
        if self.adapter is None or not rows:
            return nullcontext()
        return self.adapter.attached(self.unet, rows)

    def _added(self, conditionings: Sequence[Conditioning]) -> dict[str, Tensor] | None:
        """SDXL's added conditions: pooled texts, and sizes that say "whole picture, not cropped"."""
        pooled = [one.pooled for one in conditionings if one.pooled is not None]
        if not pooled:
            return None
        return {"text_embeds": torch.stack(pooled), "time_ids": self._sizes.expand(len(pooled), -1)}

    @cached_property
    def _sizes(self) -> Tensor:
        width, height = self.picture_size
        original_crop_target = [[height, width, 0, 0, height, width]]
        return torch.tensor(original_crop_target, device=self.device, dtype=self.dtype)


def _overflows(pipeline: Pipeline) -> bool:
    """True for the SDXL autoencoders whose activations leave the range of float16."""
    vae = pipeline.vae
    return (
        isinstance(pipeline, StableDiffusionXLPipeline)
        and vae.dtype == torch.float16
        and bool(vae.config.force_upcast)
    )


def compile_untouched(unet: Unet) -> None:
    """Compile residual and feed-forward blocks in place, at their first call.

    Attention stays as it is: its processors change from step to step, and each change would compile it
    again. Guided calls get graphs of their own, since they need gradients.
    """
    for block in unet.modules():
        if isinstance(block, ResnetBlock2D | FeedForward):
            block.compile()
