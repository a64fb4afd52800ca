"""The yardstick: ReCorD as the paper describes it, written in the most direct way.

Every attention layer writes out its probabilities, the intransitive branch runs beside the picture's
through all steps, unconditional rows included, candidates are drawn one after the other, and the
guidance differentiates a whole forward. It draws what `preset: paper` draws, and is here to be
measured against.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from record.backbone import Backbone, TokenRoles
from record.engine.step import ddim_step
from record.geometry import Box
from record.methods.losses import TokenMaps, box_loss, descend, step_size
from record.reading.prompt import Prompt
from record.settings import Drawing


@dataclass
class Explicit:
    """An attention processor that writes out all probabilities, edits the last row's, and keeps its maps."""

    roles: TokenRoles
    map_pixels: int
    maps: list[Tensor] = field(default_factory=list)
    is_cross_edited: bool = False
    self_pixels: int = 0
    is_exclusive: bool = False
    special_tokens: Literal["own", "intransitive"] = "own"

    def __call__(
        self, attn: Any, hidden_states: Tensor, encoder_hidden_states: Tensor | None = None, **_: object
    ) -> Tensor:
        """Attention by the textbook: softmax(Q K^T / sqrt d) V."""
        is_cross = encoder_hidden_states is not None
        context = encoder_hidden_states if encoder_hidden_states is not None else hidden_states
        query, key, value = (
            projected.unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for projected in (attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context))
        )
        probabilities = (query @ key.transpose(-1, -2) * attn.scale).softmax(-1)
        probabilities = self._cross(probabilities) if is_cross else self._self(probabilities)
        mixed = (probabilities @ value).transpose(1, 2).flatten(2)
        result: Tensor = attn.to_out[1](attn.to_out[0](mixed))
        return result

    def _cross(self, probabilities: Tensor) -> Tensor:
        last = probabilities[-1]
        if self.is_cross_edited:  # equation 1: rows are ..., intransitive, picture
            places = self.roles.places(self.special_tokens)
            last = torch.where(places >= 0, probabilities[-2][..., places.clamp(min=0)], last)
        if self.is_exclusive:  # equation 3
            own = last[..., self.roles.object].mean(-1, keepdim=True)
            low, high = own.amin(-2, keepdim=True), own.amax(-2, keepdim=True)
            others = self.roles.content & ~self.roles.object_phrase
            last = torch.where(others, last * (1 - (own - low) / (high - low).clamp(min=1e-8)), last)
        if last.shape[-2] == self.map_pixels:
            self.maps.append(last.mean(0))
        return torch.cat([probabilities[:-1], last[None]])

    def _self(self, probabilities: Tensor) -> Tensor:
        if probabilities.shape[-1] > self.self_pixels or len(probabilities) < 2:
            return probabilities
        return torch.cat([probabilities[:-1], probabilities[-2:-1]])


@contextmanager
def explicit_attention(backbone: Backbone, control: Explicit) -> Iterator[Explicit]:
    """Every layer of the UNet on `control` inside the block."""
    before = dict(backbone.unet.attn_processors)
    backbone.unet.set_attn_processor(dict.fromkeys(before, control))
    try:
        yield control
    finally:
        backbone.unet.set_attn_processor(before)


def trajectory(
    backbone: Backbone, prompt: Prompt, seed: int, drawing: Drawing, box: Box | None = None
) -> Tensor:
    """One candidate, or with a box the correction; the finished latents, C x h x w."""
    roles, schedule = backbone.roles(prompt), backbone.schedule(drawing.steps)
    texts = [
        backbone.encode(""),
        backbone.encode(""),
        *map(backbone.encode, (prompt.intransitive, prompt.text)),
    ]
    latents = backbone.initial_noise(seed)[None].repeat(2, 1, 1, 1)  # intransitive, picture
    guided_steps = round(drawing.guided_share * drawing.steps) if box is not None else 0
    cross_steps, self_steps = (
        round(share * drawing.steps) for share in (drawing.cross_edit_share, drawing.self_edit_until)
    )
    for step, timestep in enumerate(schedule.timesteps):
        if box is not None and step < guided_steps:
            gradient = loss_gradient(backbone, prompt, roles, latents[1], timestep, drawing, box)
            alpha = step_size(drawing.step_size, step, drawing.steps)
            picture = descend(latents[1], [(1.0, gradient)], alpha, drawing.gradient_rule)
            latents = torch.stack([latents[0], picture])
        control = Explicit(
            roles, backbone.map_size**2,
            is_cross_edited=drawing.cross_edit and step < cross_steps,
            self_pixels=backbone.map_size**2 if drawing.self_edit and step < self_steps else 0,
            is_exclusive=drawing.exclusion and step < guided_steps,
            special_tokens=drawing.special_tokens,
        )  # fmt: skip
        with torch.no_grad(), explicit_attention(backbone, control):
            rows = backbone.denoise(latents.repeat(2, 1, 1, 1), timestep.repeat(4), texts)
            predicted = rows[:2] + drawing.guidance_scale * (rows[2:] - rows[:2])
            kind = str(backbone.scheduler.config["prediction_type"])
            now, following = schedule.alphas[step].repeat(2), schedule.next_alphas[step].repeat(2)
            latents, _ = ddim_step(latents, predicted, now, following, kind)
    return latents[1]


def loss_gradient(
    backbone: Backbone, prompt: Prompt, roles: TokenRoles, latent: Tensor, timestep: Tensor,
    drawing: Drawing, box: Box,
) -> Tensor:  # fmt: skip
    """The gradient of equation 4 through a whole forward of the conditional row; C x h x w."""
    with torch.enable_grad():
        variable = latent.detach().requires_grad_(True)
        with explicit_attention(backbone, Explicit(roles, backbone.map_size**2)) as control:
            backbone.denoise(variable[None], timestep[None], [backbone.encode(prompt.text)])
        maps = TokenMaps(torch.stack(control.maps).mean(0), roles, drawing.map_temperature)
        (gradient,) = torch.autograd.grad(box_loss(maps.of(roles.object), box), variable)
    return gradient
