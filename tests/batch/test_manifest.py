from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from batch import manifest
from batch.folder import Folder
from batch.items import Item
from batch.painting import attempted
from batch.rows import Row
from record.geometry import Box
from record.settings import Settings
from tests.batch.conftest import Moody, seeds

Opened = Callable[..., Folder]


def test_every_setting_has_a_column_of_its_own() -> None:
    assert not Row.model_fields.keys() & Settings.model_fields.keys()
    names = manifest.schema().names
    assert names == [*(name for name in Row.model_fields if name != "settings"), *Settings.model_fields]


def test_a_finished_prompt_is_told_whole(opened: Opened, moody: Moody) -> None:
    folder = opened()
    item = Item(2, "a woman is kicking a ball", Box(0.5, 0.5, 0.75, 0.75), settings={"seed": 7})
    folder.commit(attempted(moody, item, node="a-node"))
    (row,) = pq.read_table(manifest.write(folder.path)).to_pylist()
    assert row["id"] == item.id and row["status"] == "finished" and row["error"] is None
    assert (row["seed"], row["method"], row["guidance_scale"], row["look_again"]) == (7, "record", 7.5, True)
    assert row["box"] == [0.5, 0.5, 0.75, 0.75] and row["triplet"] == ["woman", "kicking", "ball", ""]
    assert (folder.path / row["picture"]).is_file() and row["model"] == "a toy"
    assert (row["node"], row["attempt"], row["chosen"], row["judged"]) == ("a-node", 1, 0, None)
    assert row["started"].tzinfo is not None and row["started"] <= row["ended"] <= datetime.now(UTC)
    assert row["cost"] > 0 and row["row_steps"] == 0


def test_the_last_attempt_of_each_prompt_counts(
    opened: Opened, moody: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest, "GROUP", 2)
    folder, items = opened(), [*seeds(1, 2, 3, 4), *seeds(5, prompt="a nice sunset")]
    for item in items:
        folder.commit(attempted(moody, item))
    failed = pq.read_table(manifest.write(folder.path)).to_pylist()[-1]
    assert (failed["status"], failed["error_code"], failed["picture"]) == ("failed", "no_interaction", None)
    assert failed["seed"] == 5 and failed["steps"] is None and "shows no interaction" in failed["error"]
    moody.refuses = "nothing at all"
    (again,) = folder.todo(items, retry_failed=True)
    folder.commit(attempted(moody, again))
    rows = pq.read_table(manifest.write(folder.path)).to_pylist()
    assert [(row["status"], row["attempt"]) for row in rows] == [("finished", 1)] * 4 + [("finished", 2)]


def test_a_batch_without_rows_has_an_empty_manifest(opened: Opened) -> None:
    folder = opened()
    table = pq.read_table(manifest.write(folder.path))
    assert table.num_rows == 0 and table.schema.names == manifest.schema().names


def test_nothing_is_left_lying_about(opened: Opened, tmp_path: Path) -> None:
    folder = opened()
    manifest.write(folder.path)
    manifest.write(folder.path)
    assert {one.name for one in folder.path.iterdir()} == {".lock", "batch.json", "rows", "manifest.parquet"}
