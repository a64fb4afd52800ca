"""The change check keeps what is nearly right, and only that."""

from __future__ import annotations

import pytest

from record.geometry import Box
from record.reasoning.change import needs_correction

CURRENT = Box(0.2, 0.2, 0.6, 0.6)


@pytest.mark.parametrize(
    ("proposed", "expected"),
    [
        (CURRENT, False),
        (Box(0.21, 0.2, 0.61, 0.6), False),  # IoU 0.95, shift 0.01
        (Box(0.26, 0.2, 0.66, 0.6), True),  # IoU 0.74
        (Box(0.25, 0.25, 0.55, 0.55), True),  # same centre, much smaller
        (Box(0.7, 0.7, 0.9, 0.9), True),
    ],
)
def test_change(proposed: Box, expected: bool) -> None:
    assert needs_correction(CURRENT, proposed) is expected


def test_large_boxes_that_overlap_still_move() -> None:
    current, moved = Box(0.0, 0.0, 0.9, 0.9), Box(0.06, 0.0, 0.96, 0.9)
    assert current.iou(moved) > 0.85
    assert needs_correction(current, moved)
    assert not needs_correction(current, moved, shift=0.1)


def test_nothing_to_keep() -> None:
    assert needs_correction(None, CURRENT)


def test_thresholds_are_arguments() -> None:
    proposed = Box(0.26, 0.2, 0.66, 0.6)
    assert not needs_correction(CURRENT, proposed, iou=0.7, shift=0.1)
