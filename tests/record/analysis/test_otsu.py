"""From an attention map to a box."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.analysis import object_box
from record.geometry import Box
from record.types import Array


def test_finds_the_bright_region() -> None:
    attention = np.full((16, 16), 0.1, np.float32)
    attention[4:8, 2:10] = 0.9
    assert object_box(attention) == Box(2 / 16, 4 / 16, 10 / 16, 8 / 16)


def test_takes_the_largest_of_two_regions() -> None:
    attention = np.zeros((16, 16), np.float32)
    attention[0:2, 0:2] = 1.0
    attention[8:14, 8:12] = 0.8
    assert object_box(attention) == Box(0.5, 0.5, 0.75, 14 / 16)


def test_cells_that_touch_at_a_corner_belong_together() -> None:
    assert object_box(np.eye(8, dtype=np.float32)) == Box(0.0, 0.0, 1.0, 1.0)


def test_one_cell_has_an_area() -> None:
    attention = np.zeros((16, 16), np.float32)
    attention[5, 7] = 1e-4
    assert object_box(attention) == Box(7 / 16, 5 / 16, 8 / 16, 6 / 16)


@pytest.mark.parametrize(
    "attention",
    [
        np.zeros((16, 16), np.float32),
        np.full((16, 16), 0.3, np.float32),
        np.zeros((0, 0), np.float32),
        np.full((4, 4), np.nan, np.float32),
    ],
    ids=["zero", "flat", "empty", "nan"],
)
def test_a_map_that_shows_nothing_has_no_box(attention: Array) -> None:
    assert object_box(attention) is None


def spot(value: float, beside: float = 0.0) -> Array:
    attention = np.full((16, 16), beside, np.float32)
    attention[2:6, 2:6] = value
    return attention


def test_a_word_hardly_attended_to_beside_the_subject_has_no_box() -> None:
    subject = np.flip(spot(0.9))
    assert object_box(spot(0.17), subject) is None
    assert object_box(spot(0.19), subject) == object_box(spot(0.17)) == Box(1 / 8, 1 / 8, 3 / 8, 3 / 8)


def test_noise_has_no_box_beside_the_subject() -> None:
    noise = np.random.default_rng(0).random((16, 16), np.float32) * np.float32(0.05)
    assert object_box(noise, spot(0.9)) is None
    assert object_box(noise) is not None


def test_only_the_maps_share_counts_and_not_their_scale() -> None:
    for scale in (1e-3, 1.0):
        assert object_box(spot(0.6 * scale), spot(0.9 * scale)) is not None
        assert object_box(spot(0.1 * scale), spot(0.9 * scale)) is None


def test_a_subject_that_was_not_seen_says_nothing_about_the_object() -> None:
    assert object_box(spot(0.1), np.zeros((16, 16), np.float32)) is not None


def test_refuses_a_map_of_other_dimensions() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 16, 16\)"):
        object_box(np.zeros((2, 16, 16), np.float32))


@given(st.integers(0, 2**32 - 1), st.integers(-30, 30))
def test_the_box_does_not_depend_on_the_maps_scale(seed: int, exponent: int) -> None:
    attention = np.random.default_rng(seed).integers(0, 9, (8, 8)).astype(np.float32)
    box = object_box(attention)
    assert box is not None
    assert box == box.clamp()
    assert box.area > 0
    assert object_box(attention * np.float32(2.0**exponent)) == box
