from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from deployments.seeing import gauges
from deployments.seeing.figures import PACE, ROW_STEPS, RUNS, STORE_BYTES
from runs import NewRun, new_id, open_store
from runs.rows import Content
from tests.deployments.seeing.conftest import Told


async def test_what_waits_and_what_is_kept_is_said(tmp_path: Path, told: Callable[..., Told]) -> None:
    store = open_store(f"sqlite:///{tmp_path}/runs.sqlite3", str(tmp_path / "artefacts"))
    for _ in range(3):
        store.index.accept(NewRun(id=new_id(), body={}, deadline=time.time() + 60, row_steps=50))
    [first] = store.index.lease("me", 60, 1)
    store.tell(first.id, "me", [], [Content(name="0/image.png", data=b"12345", media_type="image/png")])
    await gauges.say(store.index, 12.5)
    assert {tags["status"]: value for value, tags in told(RUNS)} == {
        "waiting": 2, "running": 1, "finished": 0, "failed": 0, "cancelled": 0,
    }  # fmt: skip
    assert (told(ROW_STEPS), told(PACE), told(STORE_BYTES)) == ([(150, {})], [(12.5, {})], [(5, {})])
    store.index.finish(first.id, "me", "finished")
    assert store.index.tally(ended_since=time.time() - 60) == {"finished": 1}
    assert store.index.tally(ended_since=time.time() + 60) == {}
    store.close()
