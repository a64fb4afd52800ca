import pytest
import torch

from record.backbone.adapters.interaction import PLACES, Interaction, InteractionTokens, between
from record.geometry import Box

PERSON, BALL = Box(0.1, 0.2, 0.4, 0.9), Box(0.6, 0.7, 0.8, 0.9)
KICK = Interaction("woman", "kicking", "ball", PERSON, BALL)
PUBLISHED = {
    "linears.0.weight": (512, 768 + 64),
    "linears.0.bias": (512,),
    "linears.2.weight": (512, 512),
    "linears.2.bias": (512,),
    "linears.4.weight": (768, 512),
    "linears.4.bias": (768,),
    "linear_action.0.weight": (512, 768 + 64),
    "linear_action.0.bias": (512,),
    "linear_action.2.weight": (512, 512),
    "linear_action.2.bias": (512,),
    "linear_action.4.weight": (768, 512),
    "linear_action.4.bias": (768,),
    "interaction_embedding.emb.weight": (30, 768),
    "position_embedding.emb.weight": (3, 768),
    "null_positive_feature": (768,),
    "null_action_feature": (768,),
    "null_position_feature": (64,),
}
"""Names and shapes of `position_net` in the published weights for Stable Diffusion 1.x."""


def random_tokens(channels: int = 12) -> InteractionTokens:
    torch.manual_seed(0)
    tokens = InteractionTokens(channels)
    for part in tokens.parameters():
        torch.nn.init.normal_(part, std=0.1)
    return tokens.requires_grad_(False)


def test_parameters_bear_the_published_names_and_shapes() -> None:
    with torch.device("meta"):
        own = InteractionTokens(768).state_dict()
    assert {key: tuple(weight.shape) for key, weight in own.items()} == PUBLISHED


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (PERSON, BALL, Box(0.4, 0.7, 0.6, 0.9)),  # apart in x: the gap; y: what they share
        (Box(0, 0, 1, 1), Box(0.2, 0.3, 0.4, 0.5), Box(0.2, 0.3, 0.4, 0.5)),
        (Box(0, 0, 0.6, 1), Box(0.4, 0, 1, 1), Box(0.4, 0, 0.6, 1)),
    ],
)
def test_the_action_lies_between_the_boxes(one: Box, other: Box, expected: Box) -> None:
    assert between(one, other) == expected == between(other, one)


def test_phrases_and_boxes_stand_in_the_order_of_their_roles() -> None:
    assert KICK.phrases == ("woman", "kicking", "ball")
    assert KICK.boxes == (PERSON, between(PERSON, BALL), BALL)


def test_each_role_has_a_block_of_tokens_and_changes_no_other() -> None:
    tokens, features, boxes = random_tokens(), torch.randn(2, 3, 12), torch.rand(2, 3, 4)
    before = tokens(features, boxes)
    assert before.shape == (3 * PLACES, 12)
    for role in range(3):
        other = features.clone()
        other[1, role] += 1
        changed = (tokens(other, boxes) != before).any(-1).nonzero().flatten().tolist()
        assert changed == [role * PLACES + 1]


def test_places_that_are_not_taken_hold_the_null_tokens() -> None:
    tokens = random_tokens()
    nothing = tokens(torch.zeros(0, 3, 12), torch.zeros(0, 3, 4)).unflatten(0, (3, PLACES))
    one = tokens(torch.randn(1, 3, 12), torch.rand(1, 3, 4)).unflatten(0, (3, PLACES))
    assert torch.allclose(one[:, 1:], nothing[:, 1:], atol=1e-5)
    assert not torch.allclose(one[:, 0], nothing[:, 0], atol=0.01)


@pytest.mark.parametrize(
    ("role", "perceptron", "embedding"), [(0, "linears", 0), (1, "linear_action", 2), (2, "linears", 1)]
)
def test_a_token_by_hand(role: int, perceptron: str, embedding: int) -> None:
    tokens, feature, box = random_tokens(), torch.randn(12), torch.tensor([0.4, 0.7, 0.6, 0.9])
    waves = [wave(100 ** (k / 8) * box) for k in range(8) for wave in (torch.sin, torch.cos)]
    seen = tokens.get_submodule(perceptron)(torch.cat([feature, *waves]))
    place, part = tokens.interaction_embedding.emb.weight[0], tokens.position_embedding.emb.weight[embedding]
    found = tokens(feature.expand(1, 3, 12), box.expand(1, 3, 4))[role * PLACES]
    assert torch.allclose(found, seen + place + part, atol=1e-4)


@pytest.mark.parametrize(
    ("role", "perceptron", "null"), [(0, "linears", "positive"), (1, "linear_action", "action")]
)
def test_a_null_token_by_hand(role: int, perceptron: str, null: str) -> None:
    tokens = random_tokens()
    feature, box = tokens.get_parameter(f"null_{null}_feature"), tokens.null_position_feature
    seen = tokens.get_submodule(perceptron)(torch.cat([feature, box]))
    place = tokens.interaction_embedding.emb.weight[29]
    part = tokens.position_embedding.emb.weight[{0: 0, 1: 2}[role]]
    found = tokens(torch.zeros(0, 3, 12), torch.zeros(0, 3, 4))[role * PLACES + 29]
    assert torch.allclose(found, seen + place + part, atol=1e-4)
