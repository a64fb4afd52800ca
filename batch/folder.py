"""A batch's folder: what is drawn already, and where the next picture and its row go."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from pydantic import BaseModel, ValidationError

from batch import journal
from batch.alone import alone
from batch.items import Item, Shard
from batch.journal import Journal
from batch.painting import Outcome
from record.errors import InputError
from record.files import put

HEAD = "batch.json"


class Head(BaseModel):
    """What all pictures of a folder have in common: `key` is the batch's own, `model` what draws."""

    version: int = 1
    key: str
    model: str


State = Literal["finished", "failed", "missing"]


@dataclass(frozen=True)
class Known:
    """The last attempt at an item, and how the item stands; a picture that was taken away is missing."""

    attempt: int = 0
    state: State = "missing"


class Folder:
    """A folder that one process draws a shard into. To be used as a context manager.

    A picture is written before its row, so that no row is without its picture.
    """

    def __init__(self, path: Path, model: str, shard: Shard | None = None) -> None:
        """Make the folder or go on with it; InputError where another model's pictures are in it."""
        self.path, self.shard = path, shard or Shard()
        self.head = _head(path, model)
        self._journal = Journal(path, self.shard)
        try:
            self._known = _known(path)
        except BaseException:
            self.close()
            raise

    def todo(self, items: Iterable[Item], *, retry_failed: bool = False) -> list[Item]:
        """This shard's items that have no row yet, or no picture any more; with `retry_failed` those too."""
        states = {"missing", "failed"} if retry_failed else {"missing"}
        ours = ((item, self._of(item.id)) for item in items if self.shard.takes(item))
        return [item.again(known.attempt + 1) for item, known in ours if known.state in states]

    def commit(self, outcome: Outcome) -> bool:
        """Keep a picture and its row; False for an attempt that is kept already."""
        row = outcome.row
        if self._of(row.id).attempt >= row.attempt:
            return False
        if row.picture is not None and outcome.png is not None:
            put(self.path / row.picture, outcome.png)
        self._journal.write(row)
        self._known[row.id] = Known(row.attempt, row.status)
        return True

    def count(self, items: Iterable[Item]) -> Counter[State]:
        """How many of the shard's items are finished, failed and missing."""
        return Counter(self._of(item.id).state for item in items if self.shard.takes(item))

    def _of(self, item: str) -> Known:
        return self._known.get(item, Known())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let another process have the shard."""
        self._journal.close()


def _head(path: Path, model: str) -> Head:
    file = path / HEAD
    path.mkdir(parents=True, exist_ok=True)
    with alone(path):
        if not file.exists():
            if any(not one.name.startswith(".") for one in path.iterdir()):
                other = f"{path} holds other things and no {HEAD}: name a new folder"
                raise InputError(other, param="output")
            put(file, Head(key=uuid.uuid4().hex, model=model).model_dump_json(indent=2).encode())
    try:
        head = Head.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise InputError(f"{file} cannot be read: name another folder", param="output") from error
    if head.model != model:
        told = f"{path} holds pictures by {head.model}, and {model} would draw now"
        raise InputError(f"{told}: name another folder", param="output")
    return head


def _known(path: Path) -> dict[str, Known]:
    found = dict[str, Known]()
    for row in journal.rows(path):
        if row.attempt > found.get(row.id, Known()).attempt:
            is_there = row.picture is None or (path / row.picture).is_file()
            found[row.id] = Known(row.attempt, row.status if is_there else "missing")
    return found
