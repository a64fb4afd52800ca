from __future__ import annotations

from pathlib import Path

import pytest

from batch.files import alone, put, put_by


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


def test_a_folder_is_one_process_own_for_a_while(tmp_path: Path) -> None:
    with alone(tmp_path):
        assert (tmp_path / ".lock").exists()
    with alone(tmp_path):
        pass
