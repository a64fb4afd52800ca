"""Coordinates survive the way to the model and back, in every habit."""

from __future__ import annotations

import pytest

from record.geometry import Box
from record.reasoning.dialect import Coordinates, Dialect

BOX = Box(0.12, 0.25, 0.5, 0.99)


@pytest.mark.parametrize(
    ("coordinates", "written", "error"),
    [
        ("unit", "0.12, 0.25, 0.50, 0.99", 0.005),
        ("hundredths", "12, 25, 50, 99", 0.0051),
        ("thousandths", "120, 250, 500, 990", 0.0005),
        ("pixels", "77, 120, 320, 475", 0.001),
    ],
)
def test_round_trip(coordinates: Coordinates, written: str, error: float) -> None:
    dialect = Dialect("general", coordinates)
    assert dialect.write_box(BOX, 640, 480) == written
    back = dialect.read_box([float(v) for v in written.split(",")], 640, 480)
    assert back.to_list() == pytest.approx(BOX.to_list(), abs=error)


def test_written_numbers_stay_within_the_limit() -> None:
    for coordinates, limit in (("hundredths", 99), ("thousandths", 1000), ("pixels", 512)):
        dialect = Dialect("general", coordinates)  # type: ignore[arg-type]
        assert dialect.limit(512) == limit
        assert dialect.write(1.0, 512) == str(limit)
        assert dialect.write(1.7, 512) == str(limit)
        assert dialect.write(-0.2, 512) == "0"


def test_read_boxes_are_ordered_and_clamped() -> None:
    box = Dialect("general", "thousandths").read_box([900, 1200, 100, 300], 64, 64)
    assert box == Box(0.1, 0.3, 0.9, 1.0)
