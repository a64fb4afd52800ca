"""A batch's process is killed again and again: nothing is lost, and what was kept is not drawn again."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import pytest

from batch import journal
from batch.folder import Folder
from batch.items import Item
from batch.painting import Outcome, in_turn
from batch.rows import Row
from batch.work import work_off
from benchmarks.batch.toy import Toy, draws, picture
from tests.batch.conftest import Moody, seeds
from tests.house import ROOT


def test_every_row_is_heard_of_once_it_is_kept(opened: Callable[..., Folder], moody: Moody) -> None:
    folder, items, heard = opened(), seeds(1, 2, 3), list[Row]()

    def hear(row: Row) -> None:
        heard.append(row)
        assert list(journal.rows(folder.path)) == heard

    work_off(folder, items, in_turn(moody), hear)
    assert [row.id for row in heard] == [item.id for item in items]


def test_who_stops_stops_the_drawing_too(opened: Callable[..., Folder], moody: Moody) -> None:
    folder, items, ended = opened(), seeds(1, 2, 3), list[str]()

    def draw(items: Iterable[Item]) -> Generator[Outcome, None, None]:
        try:
            yield from in_turn(moody)(items)
        finally:
            ended.append("drawing")

    def interrupt(row: Row) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_off(folder, items, draw, interrupt)
    assert ended == ["drawing"] and folder.todo(items) == items[1:]


def test_a_killed_process_loses_nothing_and_repeats_at_most_what_it_was_at(tmp_path: Path) -> None:
    deaths = 30
    words = [sys.executable, "-m", "tests.batch.dying", str(tmp_path), str(deaths)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    died = int(done.stdout)
    assert died > 20
    items = [Item.from_json(one.to_json()) for one in seeds(*range(6))]
    with Folder(tmp_path / "out", Toy.model) as folder:
        assert folder.count(items) == {"finished": 6}
    rows = list(journal.rows(tmp_path / "out"))
    assert Counter(row.id for row in rows) == {item.id: 1 for item in items}
    assert all((tmp_path / "out" / str(row.picture)).is_file() for row in rows)
    for item, row in ((item, row) for item in items for row in rows if row.id == item.id):
        assert (tmp_path / "out" / str(row.picture)).read_bytes() == picture(item)
    drawn = [draw.id for draw in draws(tmp_path)]
    assert len(drawn) <= len(items) + died and list(dict.fromkeys(drawn)) == [item.id for item in items]
