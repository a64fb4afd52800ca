"""Batches on real Ray, by a painter without models; the first is the short form of `make bench-batch`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from batch.cluster import LOCAL, Plan, connected, on_cluster
from batch.items import Item
from benchmarks.batch import proof
from benchmarks.batch.toy import LoadToy, draws

pytestmark = pytest.mark.slow


def test_a_batch_outlives_its_workers_and_nodes(tmp_path: Path) -> None:
    plan = proof.Plan(prompts=240, nodes=2, workers=2, block=4, kill_worker=True, kill_node=True)
    found = proof.prove(plan, tmp_path, Console(quiet=True))
    assert [one.split()[0] for one in found.killed] == ["worker", "node"]
    assert found.is_well, list(found.lines())


def test_a_prompt_that_kills_its_workers_fails_and_the_others_are_drawn(tmp_path: Path) -> None:
    items = [Item(line, proof.PROMPT, settings={"seed": line}) for line in range(1, 10)]
    with connected(LOCAL):
        drawing = on_cluster(LoadToy(tmp_path, deadly=5), Plan(workers=1, block=3, tries=2))
        rows = [outcome.row for outcome in drawing(items)]
    assert Counter(row.status for row in rows) == {"finished": 8, "failed": 1}
    (failed,) = (row for row in rows if row.status == "failed")
    assert failed.line == 5 and "every worker that drew it was lost" in str(failed.error)
    assert Counter(draw.id for draw in draws(tmp_path))[items[4].id] == 2
