"""Files that are there with all their bytes, or not at all, also after a power cut."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = ".lock"


def put(path: Path, data: bytes) -> None:
    """Write to a temporary name beside `path`, flush to the disk, rename."""
    put_by(path, lambda partial: partial.write_bytes(data))


def put_by(path: Path, write: Callable[[Path], object]) -> None:
    """The same for whoever writes a file by its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "rb") as file:
            write(Path(name))
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time, of all that use the folder."""
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
