"""The denoiser, the text encoder, the noise schedule, and reading cross-attention while training."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from diffusers import DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from miniature.diffusion.dataset import GRID
from miniature.diffusion.tokenizer import CONTEXT

_TEXT_WIDTH = 128
_CHANNELS = (32, 64, 128)


def make_scheduler() -> DDIMScheduler:
    """Stable Diffusion's betas with velocity prediction: v = sqrt(a) noise - sqrt(1 - a) latents."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type="v_prediction",
    )


def make_unet() -> UNet2DConditionModel:
    """A stock UNet of 4.2 M parameters for 32 x 32 x 4 latents; cross-attention at 16 x 16 and 8 x 8."""
    return UNet2DConditionModel(
        sample_size=32,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=_CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=_TEXT_WIDTH,
        attention_head_dim=tuple(channels // 32 for channels in _CHANNELS),
        norm_num_groups=16,
    )


def make_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """A stock CLIP text encoder of two layers."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=_TEXT_WIDTH,
        intermediate_size=3 * _TEXT_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        projection_dim=_TEXT_WIDTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


class AttentionReader:
    """Keeps the cross-attention maps of the latest call at 16 x 16, with their gradients."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        """Put a recording processor on every cross-attention layer; `unread` takes them off again."""
        self._unet: Any = unet
        self._before = dict(self._unet.attn_processors)
        self.maps: list[torch.Tensor] = []
        self._unet.set_attn_processor(
            {name: _Recorder(self.maps) if "attn2" in name else old for name, old in self._before.items()}
        )

    def take(self) -> torch.Tensor:
        """Mean over layers and heads, (B, 256, tokens), summing to 1 over tokens; forgets the maps."""
        mean = torch.stack(self.maps).mean(0)
        self.maps.clear()
        return mean

    def unread(self) -> None:
        """Restore the processors that were there before."""
        self._unet.set_attn_processor(self._before)


class _Recorder:
    def __init__(self, maps: list[torch.Tensor]) -> None:
        self._maps = maps

    def __call__(
        self, attn: Any, hidden_states: torch.Tensor, encoder_hidden_states: torch.Tensor, **_: object
    ) -> torch.Tensor:
        batch, pixels, _width = hidden_states.shape

        def heads(values: torch.Tensor) -> torch.Tensor:
            return values.view(batch, values.shape[1], attn.heads, -1).transpose(1, 2)

        query, key = heads(attn.to_q(hidden_states)), heads(attn.to_k(encoder_hidden_states))
        value = heads(attn.to_v(encoder_hidden_states))
        if pixels == GRID * GRID:
            shares = (query @ key.transpose(-1, -2) * attn.scale).softmax(-1)
            self._maps.append(shares.mean(1))
            mixed = shares @ value
        else:
            mixed = F.scaled_dot_product_attention(query, key, value, scale=attn.scale)
        joined = mixed.transpose(1, 2).reshape(batch, pixels, -1)
        out: torch.Tensor = attn.to_out[1](attn.to_out[0](joined))
        return out
