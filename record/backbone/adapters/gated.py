"""Gated self-attention between a UNet's self- and cross-attention, for the rows that ask for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from diffusers.models.attention import BasicTransformerBlock, GatedSelfAttentionDense
from torch import Tensor, nn

from record.backbone.adapters.interaction import Interaction, InteractionTokens, phrase_features
from record.backbone.parts import Pipeline, Unet

PLACE = "position_net"
"""Where a UNet looks for its tokenizer."""


@dataclass(frozen=True, eq=False)
class Adapter:
    """InteractDiffusion's trained part: its tokenizer, and a gated layer for each transformer block.

    The UNet is left alone: the layers stand in it only inside `attached`.
    """

    name: str
    tokens: InteractionTokens
    layers: Mapping[str, GatedSelfAttentionDense]  # by the name of the UNet's block

    @torch.no_grad()
    def ground(self, pipeline: Pipeline, interactions: Sequence[Interaction]) -> Tensor:
        """The grounding tokens (tokens x channels) of some interactions; of none, the null tokens."""
        like = self.tokens.null_positive_feature
        features, boxes = like.new_zeros(0, 3, len(like)), like.new_zeros(0, 3, 4)
        if interactions:
            phrases = [phrase for one in interactions for phrase in one.phrases]
            features = phrase_features(pipeline, phrases).to(like).view(len(interactions), 3, -1)
            boxes = like.new_tensor([[box.to_list() for box in one.boxes] for one in interactions])
        grounding: Tensor = self.tokens(features, boxes)
        return grounding

    @contextmanager
    def attached(self, unet: Unet, rows: Mapping[int, Tensor]) -> Iterator[dict[str, object]]:
        """The cross_attention_kwargs of a UNet call whose `rows` (by index, tokens) are grounded.

        Other rows pass the gated layers by. On leaving, also by an error, the UNet is as it was.
        """
        blocks = {name: unet.get_submodule(name) for name in self.layers}
        chosen = torch.tensor(list(rows), device=next(unet.parameters()).device)
        try:
            setattr(unet, PLACE, _AsGiven())
            for name, block in blocks.items():
                block.fuser = _SomeRows(self.layers[name], chosen)
            yield {"gligen": {"objs": torch.stack(list(rows.values()))}}
        finally:
            for part, name in ((unet, PLACE), *((block, "fuser") for block in blocks.values())):
                if hasattr(part, name):
                    delattr(part, name)


def transformer_blocks(unet: Unet) -> dict[str, BasicTransformerBlock]:
    """The blocks that take a gated layer, by name."""
    return {name: part for name, part in unet.named_modules() if isinstance(part, BasicTransformerBlock)}


class _SomeRows(nn.Module):
    """A gated layer for some rows of a batch."""

    def __init__(self, layer: nn.Module, rows: Tensor) -> None:
        super().__init__()
        self.layer, self.rows = layer, rows

    def forward(self, hidden: Tensor, tokens: Tensor) -> Tensor:
        """`hidden` is B x pixels x channels, `tokens` grounded rows x tokens x channels."""
        return hidden.index_copy(0, self.rows, self.layer(hidden[self.rows], tokens))


class _AsGiven(nn.Module):
    """Stands where a UNet expects its tokenizer: the tokens are made once a job, not once a step."""

    def forward(self, objs: Tensor) -> Tensor:
        """The tokens."""
        return objs
