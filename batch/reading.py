"""A file of prompts: .csv and .tsv with a header, .jsonl with an object a line, .txt with a prompt a line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from batch.items import Item
from record.errors import InputError, SettingsError
from record.geometry import Box
from record.nearest import remedy
from record.reading.prompt import Triplet
from record.settings import Settings
from record.shown import shown

PROMPT, BOX, TRIPLET = "prompt", "box", "triplet"
COLUMNS = (PROMPT, BOX, TRIPLET, *Settings.model_fields)
SHOWN = 5
"""How many faults of a file are told at once."""

Cells = Mapping[str, Any]
Lines = Iterator[tuple[int, Cells]]


class _Fault(Exception):
    """What is wrong in a line, and perhaps in which column."""

    def __init__(self, line: int, column: str | None, why: str) -> None:
        super().__init__(f"line {line}, column {column}: {why}" if column else f"line {line}: {why}")


def read_prompts(path: Path, settings: Mapping[str, Any]) -> list[Item]:
    """The items of a file in its order, each different one once; `settings` hold where a line says nothing.

    An empty cell says nothing. Sentences are not read yet: one that shows no interaction is a matter of
    drawing. SettingsError for a bad setting of `settings`, InputError that names line, column, value and
    remedy of the file's first faults.
    """
    Settings.build(settings)
    items, faults = dict[str, Item](), list[str]()
    try:
        for line, cells in _lines(path):
            try:
                item = _item(line, cells, settings)
                items.setdefault(item.id, item)
            except _Fault as fault:
                faults.append(str(fault))
    except _Fault as fault:
        faults.append(str(fault))
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if faults:
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        raise InputError("\n".join([f"{path.name} cannot be used as it is:", *islice(faults, SHOWN), *more]))
    if not items:
        raise InputError(f"{path} holds no prompts: write a header with the column prompt, then a line each")
    return list(items.values())


def _lines(path: Path) -> Lines:
    readers = {".csv": _csv, ".tsv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".txt": _text}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{str(path)!r} must end in {', '.join(readers)}", param="prompts")
    return reader(path)


def _csv(path: Path) -> Lines:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(
            file, dialect="excel-tab" if path.suffix.lower() == ".tsv" else "excel", strict=True
        )
        header: list[str] | None = None
        while True:
            line = rows.line_num + 1
            try:
                cells = next(rows, None)
            except csv.Error as error:
                raise _Fault(line, None, f"{error}: quote cells as CSV does") from error
            if cells is None:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(line, cells)
            elif len(cells) != len(header):
                said = f"{len(cells)} cells where the header has {len(header)}: quote those with commas"
                raise _Fault(line, None, said)
            else:
                yield (
                    line,
                    {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()},
                )


def _header(line: int, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        _check_name(line, name)
    if PROMPT not in names:
        raise _Fault(line, None, f"the header {shown(','.join(names))} has no column prompt: name one so")
    for name in names:
        if names.count(name) > 1:
            raise _Fault(line, name, "it stands twice in the header: leave one out")
    return names


def _jsonl(path: Path) -> Lines:
    for line, text in _text_lines(path):
        try:
            cells = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _Fault(line, None, f"{shown(text)} is no JSON ({error})") from error
        if not isinstance(cells, dict):
            raise _Fault(line, None, f'{shown(text)} is no object: write {{"prompt": "..."}}')
        for name in cells:
            _check_name(line, name)
        yield line, {name: cell for name, cell in cells.items() if cell is not None}


def _text(path: Path) -> Lines:
    return ((line, {PROMPT: text}) for line, text in _text_lines(path))


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(file, 1):
            if text.strip():
                yield line, text.strip()


def _check_name(line: int, name: str) -> None:
    if name not in COLUMNS:
        raise _Fault(line, shown(name), f"no such column; {remedy(name, COLUMNS, 'columns')}")


def _item(line: int, cells: Cells, usual: Mapping[str, Any]) -> Item:
    prompt = cells.get(PROMPT, "")
    if not isinstance(prompt, str):
        raise _Fault(line, PROMPT, f"{shown(prompt)} is no text")
    own = {name: cell for name, cell in cells.items() if name not in (PROMPT, BOX, TRIPLET)}
    given = {**usual, **own}
    try:
        built = Settings.build(given)
    except SettingsError as error:
        raise _Fault(line, error.param, str(error)) from error
    settings = {name: getattr(built, name) for name in given}
    return Item(line, prompt, _box(line, cells.get(BOX)), _triplet(line, cells.get(TRIPLET)), settings)


def _box(line: int, cell: object) -> Box | None:
    """A box from text, or from a list of JSON."""
    if cell is None:
        return None
    text = ",".join(str(one) for one in cell) if isinstance(cell, list) else str(cell)
    try:
        return Box.from_text(text)
    except ValueError as error:
        raise _Fault(line, BOX, str(error)) from error


def _triplet(line: int, cell: object) -> Triplet | None:
    """A triplet from text, or from a list or an object of JSON."""
    if cell is None:
        return None
    try:
        if isinstance(cell, dict):
            return Triplet(**{name: str(word) for name, word in cell.items()})
        return Triplet.from_text(",".join(map(str, cell)) if isinstance(cell, list) else str(cell))
    except (ValueError, TypeError) as error:
        raise _Fault(line, TRIPLET, str(error)) from error
