from __future__ import annotations

from pathlib import Path

import pytest

from record.files import put, put_by


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.png"
    put(target, b"one")
    put(target, b"two")
    assert target.read_bytes() == b"two" and list(target.parent.iterdir()) == [target]


def test_a_writer_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    put(target, b"one")

    def fail(partial: Path) -> None:
        partial.write_bytes(b"tw")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        put_by(target, fail)
    assert target.read_bytes() == b"one" and list(tmp_path.iterdir()) == [target]


def test_what_is_not_whole_yet_lies_in_a_folder_of_its_own(tmp_path: Path) -> None:
    partials, seen = tmp_path / "partial", list[Path]()
    partials.mkdir()

    def write(partial: Path) -> None:
        partial.write_bytes(b"one")
        seen.append(partial)

    put_by(tmp_path / "whole" / "a", write, partials)
    assert [one.parent for one in seen] == [partials] and not list(partials.iterdir())
    assert (tmp_path / "whole" / "a").read_bytes() == b"one"
