from __future__ import annotations

from pathlib import Path

import pytest

from batch.items import Item
from batch.painting import Painted, attempted, in_turn
from benchmarks.batch.toy import Toy
from record.errors import EngineStoppedError
from tests.batch.conftest import Moody, seeds


class Broken(Toy):
    """Fails with whatever it was made with."""

    def __init__(self, error: Exception) -> None:
        super().__init__(Path("none"))
        self._error = error

    def paint(self, item: Item) -> Painted:
        """Fail."""
        raise self._error


def test_items_are_drawn_in_their_order_one_at_a_time(moody: Moody) -> None:
    items = seeds(3, 1, 2)
    drawing = in_turn(moody)(items)
    assert moody.drawn == [] and next(drawing).row.id == items[0].id
    assert moody.drawn == items[:1]
    assert [outcome.row.id for outcome in drawing] == [item.id for item in items[1:]]


def test_an_error_that_nobody_thought_of_is_a_row_as_well() -> None:
    row = attempted(Broken(ZeroDivisionError("by zero")), seeds(1)[0]).row
    assert (row.status, row.error, row.error_code) == (
        "failed",
        "ZeroDivisionError: by zero",
        "internal_error",
    )
    assert row.settings == {"seed": 1} and row.seconds >= 0


def test_a_painter_that_is_lost_is_no_prompts_fault() -> None:
    with pytest.raises(EngineStoppedError):
        attempted(Broken(EngineStoppedError("the device is gone")), seeds(1)[0])
