"""The short form of `make bench-batch`: real Ray, several nodes, a painter without models."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.batch.proof import Plan, prove

pytestmark = pytest.mark.slow


def test_a_batch_outlives_its_workers_and_nodes(tmp_path: Path) -> None:
    plan = Plan(prompts=240, nodes=2, workers=2, block=4, kill_worker=True, kill_node=True)
    found = prove(plan, tmp_path, Console(quiet=True))
    assert [one.split()[0] for one in found.killed] == ["worker", "node"]
    assert found.is_well, list(found.lines())
