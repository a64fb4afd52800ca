from __future__ import annotations

import errno
import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from record.errors import SettingsError
from runs.errors import ArtefactError, StorageFullError, StoreUnavailableError
from runs.files import ABANDONED_S, PARTIAL, FileArtefacts
from runs.index import Artefacts
from runs.objects import ObjectArtefacts
from runs.store import open_artefacts

MISSING = "0" * 64


@pytest.fixture
def artefacts(place: str) -> Artefacts:
    return open_artefacts(place)


@pytest.mark.parametrize("data", [b"", b"one", bytes(range(256)) * 4096 * 6])
def test_bytes_come_back_by_their_digest(artefacts: Artefacts, data: bytes) -> None:
    digest = artefacts.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert artefacts.get(digest) == data
    assert artefacts.put(data) == digest
    assert list(artefacts.digests()) == [digest]


def test_what_is_removed_is_missing(artefacts: Artefacts) -> None:
    digest, other = artefacts.put(b"one"), artefacts.put(b"two")
    assert artefacts.remove(digest) and not artefacts.remove(digest)
    with pytest.raises(ArtefactError, match=f"{digest} is missing"):
        artefacts.get(digest)
    assert list(artefacts.digests()) == [other]


def test_what_was_put_again_is_young(artefacts: Artefacts) -> None:
    artefacts.put(b"one")
    digest = artefacts.put(b"one")
    assert not artefacts.remove(digest, put_before=time.time() - 60)
    assert artefacts.remove(digest, put_before=time.time() + 60)
    assert not artefacts.remove(MISSING, put_before=time.time())


def test_the_same_bytes_put_at_once_are_kept_once(artefacts: Artefacts) -> None:
    with ThreadPoolExecutor(8) as pool:
        [digest] = set(pool.map(artefacts.put, [b"the same" * 10_000] * 16))
    assert list(artefacts.digests()) == [digest]
    assert artefacts.get(digest) == b"the same" * 10_000


def test_a_damaged_file_is_told_and_mended(tmp_path: Path) -> None:
    files = FileArtefacts(tmp_path)
    digest = files.put(b"a picture")
    (tmp_path / digest[:2] / digest).write_bytes(b"a pic")
    with pytest.raises(ArtefactError, match="damaged"):
        files.get(digest)
    assert files.get(files.put(b"a picture")) == b"a picture"


def test_a_file_put_again_is_young(tmp_path: Path) -> None:
    files = FileArtefacts(tmp_path)
    digest = files.put(b"one")
    os.utime(tmp_path / digest[:2] / digest, (1, 1))
    files.put(b"one")
    assert not files.remove(digest, put_before=2)


def test_what_killed_writers_left_is_cleared_once_it_is_old(tmp_path: Path) -> None:
    FileArtefacts(tmp_path)
    old, young = tmp_path / PARTIAL / "old", tmp_path / PARTIAL / "young"
    for file in (old, young):
        file.write_bytes(b"half")
    then = time.time() - ABANDONED_S - 1
    os.utime(old, (then, then))
    files = FileArtefacts(tmp_path)
    assert list((tmp_path / PARTIAL).iterdir()) == [young]
    assert list(files.digests()) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    files = FileArtefacts(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(StorageFullError, match="no room for 3 bytes"):
        patch.setattr(os, call, full)
        files.put(b"one")
    assert not any((tmp_path / PARTIAL).iterdir()) and not any(files.digests())
    assert files.get(files.put(b"one")) == b"one"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="no folder for artefacts"):
        FileArtefacts(tmp_path / "file" / "artefacts")


def test_a_file_that_cannot_be_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FileArtefacts(tmp_path)
    digest = files.put(b"one")

    def refuse(_: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch, pytest.raises(StoreUnavailableError, match="cannot be removed"):
        patch.setattr(Path, "unlink", refuse)
        files.remove(digest)
    assert files.remove(digest)


def test_an_object_store_that_refuses_is_told(place: str) -> None:
    if not place.startswith("s3:"):
        pytest.skip("a folder has no buckets")
    nowhere = ObjectArtefacts("s3://no-such-bucket/some")
    with pytest.raises(StoreUnavailableError, match="are its endpoint and keys right"):
        nowhere.put(b"one")


def test_an_unknown_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="'ftp://somewhere/else' is no place for artefacts"):
        open_artefacts("ftp://somewhere/else")
