"""Equations 4 and 5 against values worked by hand."""

import math

import numpy as np
import pytest
import torch

from record.backbone import TokenRoles
from record.geometry import Box
from record.methods import losses as guidance

BOX = Box(0.25, 0.25, 0.5, 0.5)


def grid_with(value_inside: float, value_outside: float, size: int = 8) -> torch.Tensor:
    grid = torch.full((size, size), value_outside)
    left, top, right, bottom = BOX.to_grid(size)
    grid[top:bottom, left:right] = value_inside
    return grid


def test_terms_on_a_two_level_map() -> None:
    grid = grid_with(0.8, 0.3)
    mask = guidance.box_mask(BOX, 8, grid)
    assert guidance.inner_loss(grid, mask).item() == pytest.approx(0.2)
    assert guidance.outer_loss(grid, mask).item() == pytest.approx(0.3)
    # Each axis sees two box cells (|0.8 - 1|) and two neighbours (|0.3 - 0|).
    assert guidance.corner_loss(grid, mask).item() == pytest.approx(2 * (0.2 * 2 + 0.3 * 2) / 4)


def test_perfect_map_has_no_loss() -> None:
    assert guidance.box_loss(grid_with(1.0, 0.0), BOX).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("box", [Box(0, 0, 0.01, 0.01), Box(0, 0, 1, 1)])
def test_extreme_boxes_give_numbers(box: Box) -> None:
    assert torch.isfinite(guidance.box_loss(torch.rand(16, 16), box))


def test_top_mean_takes_at_least_one_cell() -> None:
    assert guidance.top_mean(torch.tensor([0.1, 0.9]), 2).item() == pytest.approx(0.9)


def test_step_sizes_fall_from_alpha_to_its_half_under_the_root() -> None:
    sizes = [guidance.step_size(20, i, 25) for i in range(25)]
    assert sizes[0] == 20
    assert sizes[-1] == pytest.approx(20 * math.sqrt(0.5))
    assert guidance.step_size(20, 0, 1) == 20


def test_descent_rules() -> None:
    z, g = torch.zeros(1, 2, 2), torch.full((1, 2, 2), 4.0)
    assert torch.equal(guidance.descend(z, [(1, g)], 0.5, "paper"), torch.full((1, 2, 2), -2.0))
    assert torch.allclose(guidance.descend(z, [(1, g)], 0.5, "normalised"), torch.full((1, 2, 2), -0.5))


def roles(**given: torch.Tensor) -> TokenRoles:
    none = torch.zeros_like(given["object"])
    others = ("content", "shared", "special", "subject", "verb", "object_phrase")
    return TokenRoles(**dict.fromkeys(others, none) | given)


def test_gradient_check_of_the_whole_loss() -> None:
    torch.manual_seed(0)
    maps = torch.rand(64, 5, dtype=torch.float64, requires_grad=True)
    is_object = torch.tensor([False, False, True, False, False])
    content = torch.tensor([False, True, True, True, False])

    def loss(values: torch.Tensor) -> torch.Tensor:
        maps = guidance.TokenMaps(values, roles(object=is_object, content=content), 3.0)
        return guidance.box_loss(maps.of(is_object), BOX)

    assert torch.autograd.gradcheck(loss, (maps,))


def test_token_softmax_ignores_tokens_without_content() -> None:
    maps = torch.zeros(16, 4)
    maps[:, 0] = 9
    content = torch.tensor([False, True, True, False])
    tokens = torch.tensor([False, False, True, False])
    grid = guidance.TokenMaps(maps, roles(object=tokens, content=content), 100).of(tokens)
    assert torch.allclose(grid, torch.full((4, 4), 0.5))


def test_overlap_is_the_share_of_the_map_on_the_person_outside_the_box() -> None:
    grid = torch.tensor([[0.3, 0.1], [0.4, 0.2]])
    person = np.zeros((4, 4), bool)
    person[2:, :] = True  # the lower half, at twice the resolution
    assert guidance.overlap_loss(grid, person, Box(0, 0, 1, 0.5)).item() == pytest.approx(0.6)
    in_front_of_the_body = Box(0, 0.5, 0.5, 1)
    assert guidance.overlap_loss(grid, person, in_front_of_the_body).item() == pytest.approx(0.2)


def test_hold_is_none_for_the_same_map_and_one_for_a_map_elsewhere() -> None:
    grid = torch.tensor([[0.0, 2.0], [0.0, 0.0]])
    assert guidance.hold_loss(grid, np.array([[0, 1], [0, 0]], np.float32)).item() == pytest.approx(0)
    elsewhere = guidance.hold_loss(grid, np.array([[0, 0], [1, 0]], np.float32)).item()
    assert elsewhere == pytest.approx(1, abs=1e-3)


def test_hold_compares_distributions() -> None:
    grid = torch.tensor([[0.4, 0.4], [0.0, 0.0]])
    wanted = np.array([[0.1, 0.0], [0.0, 0.3]], np.float32)
    shared = math.sqrt(0.5 * 0.25)  # one cell: half of one map, a quarter of the other
    assert guidance.hold_loss(grid, wanted).item() == pytest.approx(1 - shared, abs=1e-3)
    assert guidance.hold_loss(grid / 8, wanted).item() == pytest.approx(1 - shared, abs=1e-3)


def test_presence_is_the_worse_of_the_subject_anywhere_and_the_object_in_its_box() -> None:
    subject, thing = torch.zeros(8, 8), torch.zeros(8, 8)
    subject[0, 0], thing[7, 7], thing[3, 3] = 0.9, 0.8, 0.4  # 3, 3 alone lies in the box
    assert guidance.presence_loss(subject, thing, BOX).item() == pytest.approx(0.6)
    assert guidance.presence_loss(subject / 9, thing, BOX).item() == pytest.approx(0.9)


def test_normalised_terms_pull_by_their_weights_however_steep_they_are() -> None:
    z, signs = torch.zeros(1, 2, 2), torch.tensor([[[1.0, -1.0], [1.0, -1.0]]])
    slopes = [(1.0, torch.full_like(z, 4.0)), (0.5, 1e-3 * signs)]
    assert torch.allclose(guidance.descend(z, slopes, 0.1, "normalised"), -0.1 * (1 + 0.5 * signs))
    assert torch.allclose(guidance.descend(z, slopes, 0.1, "paper"), -0.1 * (4 + 0.5e-3 * signs))
