"""Files that are there with all their bytes, or not at all, also after a power cut."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Write to a temporary name beside `path`, flush to the disk, rename."""
    put_by(path, lambda partial: partial.write_bytes(data))


def put_by(path: Path, write: Callable[[Path], object], partials: Path | None = None) -> None:
    """The same for whoever writes a file by its name, which is in the folder `partials` if one is given.

    That has to be on the same disk. OSError where something cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = (partials or path.parent) / f".partial-{uuid.uuid4().hex}"
    try:
        write(partial)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
