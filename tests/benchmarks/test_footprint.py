from __future__ import annotations

import importlib.util
from itertools import chain

import pytest

from benchmarks.service.footprint import PARTS, Footprint, measure, table


def test_a_start_is_measured_in_a_process_of_its_own() -> None:
    found = measure(["json"])
    assert 0 < found.seconds < 60 and 1 < found.mib < 1000 and not found.has_torch


@pytest.mark.parametrize("module", sorted(set(chain(*PARTS.values()))))
def test_every_module_that_is_measured_is_there(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def test_the_table_has_medians() -> None:
    starts = [Footprint(seconds, 100 * seconds, has_torch=False) for seconds in (1.0, 9.0, 2.0)]
    shown = table({"edge": starts}, "title")
    assert [list(column.cells) for column in shown.columns] == [["edge"], ["2.0"], ["200"], ["no"]]
