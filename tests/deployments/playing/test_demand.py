from __future__ import annotations

import time
from pathlib import Path

from deployments.playing.demand import LATELY_S, Refused, demand
from deployments.scaling.told import work_in
from runs import NewRun, new_id, open_store


async def test_the_policy_hears_what_waits_by_when_it_is_due(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))
    for within_s, row_steps in ((15, 100), (1000, 300)):
        due = time.time() + within_s
        store.index.accept(NewRun(id=new_id(), body={}, deadline=due, row_steps=row_steps))
    work = work_in([await demand(store.index, drawn=200, refused=7, usual=10)])
    assert work.row_steps == 400 - 200 + 7
    assert dict(work.due) == {10: 0, 20: 50, 40: 50, 80: 50, 160: 50, 320: 50}


def test_what_was_refused_counts_for_a_while() -> None:
    now = [0.0]
    refused = Refused(lambda: now[0])
    refused.add(3)
    now[0] = LATELY_S - 1
    refused.add(4)
    assert refused.row_steps() == 7
    now[0] = LATELY_S + 1
    assert refused.row_steps() == 4
