"""What is used of a checkpoint's parts, which diffusers and transformers make and do not type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, Self, TypedDict

import torch
from torch import Tensor, nn


class AttentionLayer(Protocol):
    """A diffusers `Attention`: projections, heads, and a processor that says how it attends."""

    heads: int
    scale: float
    is_cross_attention: bool
    to_q: Callable[[Tensor], Tensor]
    to_k: Callable[[Tensor], Tensor]
    to_v: Callable[[Tensor], Tensor]
    to_out: Sequence[Callable[[Tensor], Tensor]]

    def get_processor(self) -> object:
        """How it attends."""

    def set_processor(self, processor: object) -> None:
        """Attend in another way."""


class Network(Protocol):
    """Any of the checkpoint's networks."""

    dtype: torch.dtype

    def to(self, device: str) -> Self:
        """Move it."""

    def float(self) -> Self:
        """Make it work in float32."""

    def eval(self) -> Self:
        """No dropout."""

    def requires_grad_(self, requires_grad: bool) -> Self:
        """Freeze its weights, or not."""


class UnetConfig(Protocol):
    """A denoiser's sizes, by name as attribute or key."""

    sample_size: int
    in_channels: int
    out_channels: int
    cross_attention_dim: int
    attention_type: str
    use_linear_projection: bool
    block_out_channels: Sequence[int]
    down_block_types: Sequence[str]

    def __getitem__(self, name: str) -> object:
        """The setting of that name."""


class Unet(Network, Protocol):
    """A diffusers UNet2DConditionModel."""

    config: UnetConfig
    down_blocks: Sequence[nn.Module]
    mid_block: nn.Module | None
    up_blocks: Sequence[nn.Module]
    attn_processors: Mapping[str, object]
    device: torch.device

    def __call__(
        self,
        sample: Tensor,
        timestep: Tensor,
        encoder_hidden_states: Tensor,
        *,
        added_cond_kwargs: Mapping[str, Tensor] | None,
        cross_attention_kwargs: Mapping[str, object] | None,
        return_dict: bool,
    ) -> tuple[Tensor, ...]:
        """The prediction, first of a tuple without `return_dict`."""

    def modules(self) -> Iterator[nn.Module]:
        """Every layer within."""

    def named_modules(self) -> Iterator[tuple[str, nn.Module]]:
        """The same with their names."""

    def parameters(self) -> Iterator[nn.Parameter]:
        """Every weight."""

    def get_submodule(self, target: str) -> nn.Module:
        """The layer of that name."""

    def set_attn_processor(self, processor: Mapping[str, object]) -> None:
        """How each attention layer, by name, attends."""

    def enable_gradient_checkpointing(self) -> None:
        """Repeat forwards in the backward pass instead of keeping them."""


class VaeConfig(Protocol):
    """An autoencoder's sizes."""

    block_out_channels: Sequence[int]
    scaling_factor: float
    force_upcast: bool


class Distribution(Protocol):
    """What an autoencoder says of a picture's latents."""

    def mode(self) -> Tensor:
        """The likeliest ones."""


class Encoded(Protocol):
    """The answer of an autoencoder's `encode`."""

    latent_dist: Distribution


class Vae(Network, Protocol):
    """A diffusers AutoencoderKL."""

    config: VaeConfig

    def encode(self, x: Tensor) -> Encoded:
        """Latents of pictures."""

    def decode(self, z: Tensor, return_dict: bool) -> tuple[Tensor, ...]:
        """Pictures of latents, first of a tuple without `return_dict`."""


class Tokens(TypedDict):
    """A tokenizer's answer, as far as it was asked for."""

    input_ids: Tensor
    offset_mapping: Sequence[tuple[int, int]]


class Tokenizer(Protocol):
    """A CLIP tokenizer of transformers."""

    model_max_length: int
    all_special_tokens: Sequence[str]

    def __call__(
        self,
        text: str | Sequence[str],
        *,
        padding: bool | str,
        truncation: bool,
        max_length: int | None = None,
        return_offsets_mapping: bool = False,
        return_tensors: str | None = None,
    ) -> Tokens:
        """Cut texts into tokens."""

    def get_vocab(self) -> Mapping[str, int]:
        """Every token and its number."""


class Pooled(Protocol):
    """A text encoder's answer."""

    pooler_output: Tensor


class TextEncoder(Network, Protocol):
    """A CLIP text encoder of transformers."""

    def __call__(self, input_ids: Tensor) -> Pooled:
        """The texts as vectors."""


class Scheduler(Protocol):
    """Any scheduler of diffusers: what it was configured with."""

    config: Mapping[str, object]


class Ddim(Scheduler, Protocol):
    """A diffusers DDIMScheduler."""

    init_noise_sigma: float


class Pipeline(Protocol):
    """A StableDiffusionPipeline or a StableDiffusionXLPipeline, whose second tower is not named here."""

    unet: Unet
    vae: Vae
    tokenizer: Tokenizer
    text_encoder: TextEncoder
    scheduler: Scheduler

    def encode_prompt(
        self,
        prompt: str,
        *,
        device: torch.device,
        num_images_per_prompt: int,
        do_classifier_free_guidance: bool,
    ) -> Sequence[Tensor]:
        """A text's embeddings, and its unconditional ones between them."""
