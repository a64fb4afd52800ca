"""Rows as they come, a line of JSON each: what is in it stays, and a line that was cut is none."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from batch.alone import alone
from batch.items import Shard
from batch.rows import Row, read_row
from record.errors import InputError

FOLDER = "rows"


class Journal:
    """A shard's own journal, open for writing; one process at a time has it.

    InputError where another process has it, or has a shard of another division of the work, which shares
    prompts with this one. To be closed.
    """

    def __init__(self, batch: Path, shard: Shard) -> None:
        folder = batch / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with alone(batch):
            for other in sorted(folder.glob("*.jsonl")):
                _refuse_beside(other, shard)
            self._file = (folder / f"{shard}.jsonl").open("a+b")
            fcntl.flock(self._file, fcntl.LOCK_EX)
        self._cut_torn_line()

    def write(self, row: Row) -> None:
        """Write a row and flush it to the disk."""
        self._file.write(row.model_dump_json().encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let another process have it."""
        self._file.close()

    def _cut_torn_line(self) -> None:
        """Take away a last line that its writer did not live to end."""
        self._file.seek(0)
        whole = sum(len(line) for line in self._file if line.endswith(b"\n"))
        self._file.truncate(whole)


def _refuse_beside(other: Path, shard: Shard) -> None:
    """InputError where a living process has a journal whose prompts the shard would draw as well."""
    if other.stem != str(shard) and other.stem.endswith(f"-of-{shard.count}"):
        return
    with other.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            batch, theirs = other.parent.parent, other.stem.replace("-of-", "/")
            asked = f"another process draws into {batch} (--shard {theirs}, not {shard.index}/{shard.count})"
            remedy = "wait for it, or share the work by shards of one number: --shard 1/2 and 2/2"
            raise InputError(f"{asked}: {remedy}", param="shard") from error


def rows(batch: Path) -> Iterator[Row]:
    """The rows of every shard's journal, of earlier attempts too; InputError for a line that is none."""
    for path in sorted((batch / FOLDER).glob("*.jsonl")):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.endswith(b"\n"):
                    yield read_row(line, f"line {number} of {path}")
