"""Coordinates survive the way to the model and back, in every habit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.geometry import Box
from record.reasoning.dialect import COMPACT, PATCH, Coordinates, Dialect, dialect_for, habit_of

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


STEPS: dict[Coordinates, float] = {"unit": 0.01, "hundredths": 0.01, "thousandths": 0.001, "pixels": 1 / 64}
"""The coarseness of each habit on a picture whose shorter edge is 64 pixels."""
SHARES = st.floats(0, 1)


@pytest.mark.parametrize("coordinates", STEPS)
@given(corners=st.tuples(SHARES, SHARES, SHARES, SHARES), width=st.integers(64, 2048))
def test_any_box_survives_any_habit(coordinates: Coordinates, corners: tuple[float, ...], width: int) -> None:
    dialect, box = Dialect("general", coordinates), Box.of(corners)
    numbers = [float(number) for number in dialect.write_box(box, width, 64).split(", ")]
    assert all(0 <= number <= dialect.limit(max(width, 64)) for number in numbers)
    back = dialect.read_box(numbers, width, 64)
    assert back.to_list() == pytest.approx(box.to_list(), abs=0.5001 * STEPS[coordinates])


@pytest.mark.parametrize(
    ("model", "habit"),
    [
        ("Qwen/Qwen-VL-Chat", "thousandths"),
        ("Qwen/Qwen2-VL-7B-Instruct", "thousandths"),
        ("Qwen/Qwen2.5-VL-7B-Instruct-AWQ", "pixels"),
        ("checkpoints/qwen2_5_vl_3b", "pixels"),
        ("Qwen/Qwen3-VL-8B-Instruct", "thousandths"),
        ("OpenGVLab/InternVL3-8B", "thousandths"),
        ("openbmb/MiniCPM-V-4_5", "thousandths"),
        ("zai-org/GLM-4.5V", "thousandths"),
        ("gemini-2.5-flash", "thousandths"),
        ("moonshotai/Kimi-VL-A3B-Instruct", "unit"),
        ("llava-hf/llava-1.5-7b-hf", "unit"),
        ("gpt-4o-2024-08-06", "unit"),
        ("gpt-4.1-mini", "unit"),
        ("somebody/else", "thousandths"),
    ],
)
def test_habits_of_known_models(model: str, habit: Coordinates) -> None:
    assert habit_of(model) == habit
    assert dialect_for("general", model) == Dialect("general", habit)


def test_the_arguments_overrule_what_is_known() -> None:
    assert dialect_for("general", "gpt-4o", "pixels") == Dialect("general", "pixels")
    assert dialect_for("compact", "Qwen/Qwen2.5-VL-7B-Instruct") == COMPACT
    assert dialect_for("compact", "any", "unit") == Dialect("compact", "unit")


@pytest.mark.parametrize("size", [(512, 512), (64, 64), (1024, 768), (20, 300)])
def test_pixels_are_counted_in_whole_patches(size: tuple[int, int]) -> None:
    width, height = Dialect("general", "pixels").sent_size(*size)
    assert width % PATCH == height % PATCH == 0
    assert width >= 2 * PATCH and height >= 2 * PATCH
    assert Dialect("general", "unit").sent_size(*size) == size
