"""The manifest: one parquet file with a row a prompt, made of the journals."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq

from batch import journal
from batch.alone import alone
from batch.rows import Row
from record.files import put_by
from record.settings import Settings

NAME = "manifest.parquet"
GROUP = 10_000
"""Rows that are held in memory at once, and make a row group of the file."""
_KINDS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def schema() -> pa.Schema:
    """Every column of a row, then one for every setting."""
    own = {name: one.annotation for name, one in Row.model_fields.items() if name != "settings"}
    settings = {name: one.annotation for name, one in Settings.model_fields.items()}
    return pa.schema([(name, _kind(annotation)) for name, annotation in {**own, **settings}.items()])


def write(batch: Path) -> Path:
    """Write the manifest anew from all journals of a batch, and say where; one process at a time does."""
    path, columns = batch / NAME, schema()

    def fill(partial: Path) -> None:
        with pq.ParquetWriter(partial, columns) as writer:
            for some in _groups(batch):
                writer.write_table(pa.Table.from_pylist([row.flat() for row in some], columns))

    with alone(batch):
        put_by(path, fill)
    return path


def _groups(batch: Path) -> Iterator[list[Row]]:
    """The last attempt of every prompt, some at a time."""
    last: dict[str, int] = {}
    for row in journal.rows(batch):
        last[row.id] = max(row.attempt, last.get(row.id, 0))
    group = list[Row]()
    for row in journal.rows(batch):
        if last.get(row.id) == row.attempt:
            del last[row.id]
            group.append(row)
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


def _kind(annotation: Any) -> pa.DataType:
    """Arrow's type for a field's: the plain one beneath Optional, Annotated, Literal and tuples."""
    if annotation in _KINDS:
        return _KINDS[annotation]
    origin, parts = get_origin(annotation), [one for one in get_args(annotation) if one is not NoneType]
    if origin is Literal:
        return _kind(type(parts[0]))
    if origin is tuple:
        return pa.list_(_kind(parts[0]))
    if origin is typing.Annotated or len(parts) == 1:
        return _kind(parts[0])
    raise TypeError(f"{annotation} has no column's type")
