"""A folder as processes leave it, one after another, and beside each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batch import journal
from batch.folder import Folder
from batch.items import Shard
from batch.painting import attempted
from benchmarks.batch.toy import Toy, picture
from record.errors import InputError
from tests.batch.conftest import Moody, seeds

Opened = Callable[..., Folder]
SUNSET = "a nice sunset"


def test_what_is_kept_is_not_to_do_any_more(opened: Opened, moody: Moody) -> None:
    items = seeds(1, 2, 3)
    folder = opened()
    assert folder.todo(items) == items
    assert folder.commit(attempted(moody, items[0]))
    assert folder.todo(items) == items[1:]
    folder = opened()
    assert folder.todo(items) == items[1:] and folder.count(items) == {"finished": 1, "missing": 2}


def test_a_picture_lies_where_its_row_says(opened: Opened, moody: Moody) -> None:
    folder, (item,) = opened(), seeds(7)
    outcome = attempted(moody, item)
    folder.commit(outcome)
    assert outcome.row.picture is not None
    assert (folder.path / outcome.row.picture).read_bytes() == picture(item)
    assert list(journal.rows(folder.path)) == [outcome.row]


def test_an_attempt_is_kept_once(opened: Opened, moody: Moody) -> None:
    folder, (item,) = opened(), seeds(7)
    assert folder.commit(attempted(moody, item)) and not folder.commit(attempted(moody, item))
    assert len(list(journal.rows(folder.path))) == 1


def test_failed_prompts_wait_until_they_are_asked_for_again(opened: Opened, moody: Moody) -> None:
    items = [*seeds(1), *seeds(2, prompt=SUNSET)]
    folder = opened()
    for item in items:
        folder.commit(attempted(moody, item))
    assert folder.count(items) == {"finished": 1, "failed": 1}
    folder = opened()
    assert folder.todo(items) == []
    (again,) = folder.todo(items, retry_failed=True)
    assert (again.id, again.attempt) == (items[1].id, 2)
    moody.refuses = "nothing at all"
    assert folder.commit(attempted(moody, again))
    assert opened().count(items) == {"finished": 2}


def test_a_picture_that_was_taken_away_is_drawn_again(opened: Opened, moody: Moody) -> None:
    folder, (item,) = opened(), seeds(7)
    outcome = attempted(moody, item)
    folder.commit(outcome)
    (folder.path / str(outcome.row.picture)).unlink()
    assert [one.attempt for one in opened().todo([item])] == [2]


def test_a_line_that_its_writer_did_not_end_is_none(opened: Opened, moody: Moody) -> None:
    folder, items = opened(), seeds(1, 2)
    folder.commit(attempted(moody, items[0]))
    (path,) = (folder.path / journal.FOLDER).iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    folder = opened()
    assert folder.todo(items) == items[1:] and path.read_bytes() == whole
    folder.commit(attempted(moody, items[1]))
    assert opened().todo(items) == []


def test_a_line_that_is_no_row_is_named(opened: Opened) -> None:
    folder = opened()
    (folder.path / journal.FOLDER / "1-of-1.jsonl").write_text("{}\n")
    with pytest.raises(InputError, match=r"line 1 of .*1-of-1.jsonl is no row"):
        opened()


def test_other_models_draw_into_another_folder(opened: Opened) -> None:
    opened()
    with pytest.raises(InputError, match="holds pictures by a toy, and a master would draw now"):
        opened("a master")


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InputError, match="holds other things and no batch.json: name a new folder"):
        Folder(tmp_path, "a toy")


def test_a_damaged_head_is_named(tmp_path: Path) -> None:
    (tmp_path / "batch.json").write_text("{")
    with pytest.raises(InputError, match=r"batch.json cannot be read"):
        Folder(tmp_path, "a toy")


def test_two_processes_do_not_draw_the_same_shard(opened: Opened, tmp_path: Path) -> None:
    opened()
    with pytest.raises(InputError, match="another process draws into .*: wait for it, or share"):
        Folder(tmp_path / "out", "a toy")


@pytest.mark.parametrize(("theirs", "ours"), [((1, 1), (1, 2)), ((1, 2), (1, 1)), ((1, 2), (3, 3))])
def test_processes_that_count_other_shards_do_not_draw_beside_each_other(
    opened: Opened, moody: Moody, theirs: tuple[int, int], ours: tuple[int, int]
) -> None:
    items = seeds(*range(12))
    folder = opened(shard=Shard(*theirs))
    for item in folder.todo(items):
        folder.commit(attempted(moody, item))
    told = "--shard {}/{}, not {}/{}".format(*theirs, *ours)
    with pytest.raises(InputError, match=rf"another process draws into .*{told}.*: wait for it, or share"):
        Folder(folder.path, Toy.model, Shard(*ours))
    rest = [item for item in items if Shard(*ours).takes(item) and not Shard(*theirs).takes(item)]
    assert opened(shard=Shard(*ours)).todo(items) == rest  # once it has ended, nothing is drawn twice


def test_shards_share_a_folder_and_know_of_each_other(tmp_path: Path, moody: Moody) -> None:
    items = seeds(*range(20))
    with Folder(tmp_path, "a toy", Shard(1, 2)) as one, Folder(tmp_path, "a toy", Shard(2, 2)) as two:
        assert one.head == two.head
        ours, theirs = one.todo(items), two.todo(items)
        assert ours and theirs and {item.id for item in [*ours, *theirs]} == {item.id for item in items}
        for folder, some in ((one, ours), (two, theirs)):
            for item in some:
                folder.commit(attempted(moody, item))
    with Folder(tmp_path, "a toy") as whole:
        assert whole.todo(items) == []
