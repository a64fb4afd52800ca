"""Interactions as grounding tokens (InteractDiffusion, CVPR 2024, sections 3.2 and 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from diffusers.models.embeddings import get_fourier_embeds_from_boundingbox
from torch import Tensor, nn

from record.backbone.parts import Pipeline
from record.geometry import Box

PLACES = 30
"""Interactions a picture has room for; the rest of the places hold learnt null features."""
FREQUENCIES = 8
HIDDEN = 512


@dataclass(frozen=True)
class Interaction:
    """Who (`subject`) does what (`action`) with what (`object`), and where the two of them are."""

    subject: str
    action: str
    object: str
    subject_box: Box
    object_box: Box

    @property
    def phrases(self) -> tuple[str, str, str]:
        """Subject, action and object: the order of the grounding tokens."""
        return self.subject, self.action, self.object

    @property
    def boxes(self) -> tuple[Box, Box, Box]:
        """Their boxes; the action's is `between` the other two."""
        return self.subject_box, between(self.subject_box, self.object_box), self.object_box


def between(one: Box, other: Box) -> Box:
    """What two boxes share or what lies between them: the middle two of their edges, each way."""
    left, right = sorted((one.x0, one.x1, other.x0, other.x1))[1:3]
    top, bottom = sorted((one.y0, one.y1, other.y0, other.y1))[1:3]
    return Box(left, top, right, bottom)


class InteractionTokens(nn.Module):
    """The interaction tokenizer: phrases and boxes become 3 x `PLACES` grounding tokens.

    A token is a perceptron's view of a phrase's feature beside its box's Fourier features, plus an
    embedding of its interaction's place and one of its role. Subject and object share a perceptron.
    Parameters bear the names of the published weights, which call roles positions.
    """

    def __init__(self, channels: int) -> None:
        """`channels` is the width of the phrases' features and of the tokens."""
        super().__init__()
        box_channels = 4 * 2 * FREQUENCIES  # sine and cosine of four coordinates
        self.linears = _perceptron(channels + box_channels, channels)
        self.linear_action = _perceptron(channels + box_channels, channels)
        self.interaction_embedding = _Vectors(PLACES, channels)
        self.position_embedding = _Vectors(3, channels)
        self.null_positive_feature = nn.Parameter(torch.zeros(channels))
        self.null_action_feature = nn.Parameter(torch.zeros(channels))
        self.null_position_feature = nn.Parameter(torch.zeros(box_channels))

    def forward(self, features: Tensor, boxes: Tensor) -> Tensor:
        """Tokens (3 * PLACES x channels): all subjects, then all actions, then all objects.

        `features` (n x 3 x channels) and `boxes` (n x 3 x 4) are those of n interactions, at most
        PLACES, in the order of their roles; with n = 0 every place is null.
        """
        given = torch.cat([features, get_fourier_embeds_from_boundingbox(FREQUENCIES, boxes)], -1)
        nulls = self._null().expand(PLACES - len(given), -1, -1)
        subject, action, thing = torch.cat([given, nulls]).unbind(1)
        tokens = torch.stack([self.linears(subject), self.linear_action(action), self.linears(thing)])
        subject_role, object_role, action_role = self.position_embedding.emb.weight
        roles = torch.stack([subject_role, action_role, object_role])
        return (tokens + self.interaction_embedding.emb.weight + roles[:, None]).flatten(0, 1)

    def _null(self) -> Tensor:
        """What stands for an interaction that is not there: 3 x (channels + box_channels)."""
        thing, action = self.null_positive_feature, self.null_action_feature
        features = torch.stack([thing, action, thing])
        return torch.cat([features, self.null_position_feature.expand(3, -1)], -1)


class _Vectors(nn.Module):
    """Learnt vectors under the name the published weights give them."""

    def __init__(self, count: int, channels: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(count, channels)


@torch.no_grad()
def phrase_features(pipeline: Pipeline, phrases: Sequence[str]) -> Tensor:
    """The text encoder's pooled view of each phrase: phrases x channels."""
    found = pipeline.tokenizer(list(phrases), padding=True, truncation=True, return_tensors="pt")
    pooled: Tensor = pipeline.text_encoder(found["input_ids"].to(pipeline.unet.device)).pooler_output
    return pooled


def _perceptron(incoming: int, outgoing: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(incoming, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN), nn.SiLU(),
        nn.Linear(HIDDEN, outgoing),
    )  # fmt: skip
