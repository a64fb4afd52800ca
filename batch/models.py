"""What draws in a batch, named so that other weights have another name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

DIGITS = 12


def digest(places: Iterable[str]) -> str:
    """SHA-256 (its first 12 hexadecimal digits) of the files of folders, of files, or of names of neither.

    A folder's files count by their names within it and their bytes: where it lies does not.
    """
    whole = hashlib.sha256()
    for place in places:
        for name, file in _files(Path(place)):
            whole.update(name.encode() + b"\0")
            if file is not None:
                with file.open("rb") as opened:
                    whole.update(hashlib.file_digest(opened, "sha256").digest())
    return whole.hexdigest()[:DIGITS]


def _files(place: Path) -> Iterator[tuple[str, Path | None]]:
    if place.is_dir():
        found = (file for file in place.rglob("*") if file.is_file())
        yield from sorted((file.relative_to(place).as_posix(), file) for file in found)
    elif place.is_file():
        yield "", place
    else:
        yield str(place), None
