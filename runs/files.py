"""Artefacts as files, named by their content: a name appears with all its bytes, or not at all."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from record.files import put_by
from runs.errors import ArtefactError, StorageFullError, StoreUnavailableError

PARTIAL = "partial"
"""The folder of files that are being written, beside the finished ones."""
ABANDONED_S = 3600
FULL = {errno.ENOSPC, errno.EDQUOT}


def checked(digest: str, data: bytes | None) -> bytes:
    """The bytes; ArtefactError where there are none, or where they are no longer those of the digest."""
    if data is None or hashlib.sha256(data).hexdigest() != digest:
        how = "missing" if data is None else "damaged"
        raise ArtefactError(f"artefact {digest} is {how}: run its request again")
    return data


class FileArtefacts:
    """`Artefacts` in a folder, one file each: its first two digits are the folder, all of them the name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            (folder / PARTIAL).mkdir(parents=True, exist_ok=True)
            found = list((folder / PARTIAL).iterdir())
        except OSError as error:
            raise StoreUnavailableError(f"no folder for artefacts at {folder}: {error}") from error
        for left in found:
            with suppress(OSError):  # its writer may be done just now, or be somebody else
                if _last_put(left) < time.time() - ABANDONED_S:
                    left.unlink()

    def put(self, data: bytes) -> str:
        """Write to a temporary name, flush to the disk, rename; what is there already is made young again."""
        digest = hashlib.sha256(data).hexdigest()
        try:
            if self._is_whole(digest):
                os.utime(self._path(digest))
            else:
                put_by(self._path(digest), _privately(data), self._folder / PARTIAL)
        except OSError as error:
            if error.errno in FULL:
                raise StorageFullError(
                    f"no room for {len(data)} bytes below {self._folder}: free some, or keep fewer runs"
                ) from error
            raise StoreUnavailableError(f"{self._folder} cannot be written to: {error}") from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes, compared with their name."""
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError:
            return checked(digest, None)
        except OSError as error:
            raise StoreUnavailableError(f"{self._folder} cannot be read: {error}") from error
        return checked(digest, data)

    def remove(self, digest: str, put_before: float = math.inf) -> bool:
        """Unlink the file, if it is that old."""
        path = self._path(digest)
        try:
            if _last_put(path) >= put_before:
                return False
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreUnavailableError(f"{path} cannot be removed: {error}") from error
        return True

    def digests(self) -> Iterator[str]:
        """The names of all files."""
        return (path.name for path in self._folder.glob("??/*"))

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _is_whole(self, digest: str) -> bool:
        try:
            self.get(digest)
        except ArtefactError:
            return False
        return True


def _privately(data: bytes) -> Callable[[Path], None]:
    def write(partial: Path) -> None:
        partial.touch(mode=0o600)
        partial.write_bytes(data)

    return write


def _last_put(path: Path) -> float:
    return path.stat().st_mtime
