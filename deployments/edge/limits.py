"""How large and how odd a body may be: JSON is read here, without the traps that it allows."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

from fastapi import Request
from starlette.datastructures import Headers

from record.errors import InputError
from record.shown import cut, shown

MAX_BODY = 64 * 1024
"""Bytes."""
MAX_DEPTH = 16
"""Objects and arrays within one another."""
MAX_STRING = 4000
"""Characters of a value."""
MAX_NAME = 64
"""Characters of a field's name."""
MAX_VALUES = 1000
"""In all objects and arrays together."""
MAX_NUMBER = 2**63
"""Integers are between this and its negative."""
EXACT = 2**53
"""Below it every integer is a float."""

Nested = dict[str, object] | list[object]
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CHARSET = re.compile(r"""charset\s*=\s*"?utf-?8"?""", re.IGNORECASE)


async def read_json(request: Request) -> object:
    """A request's JSON; InputError (400, 413 or 415) for what is none, or more than is read here."""
    check_media_type(request.headers)
    size, parts = 0, list[bytes]()
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise too_large(MAX_BODY)
        parts.append(part)
    return parse_json(b"".join(parts))


def too_large(most: int) -> InputError:
    """The refusal of a body of more than `most` bytes."""
    return InputError(
        f"the body is larger than {most} bytes: send a sentence and its settings only", code="body_too_large"
    )


def check_media_type(headers: Headers) -> None:
    """InputError unless the body is said to be plain JSON in UTF-8."""
    given, encoding = headers.get("content-type", ""), headers.get("content-encoding", "identity")
    kind, *parameters = (part.strip() for part in given.split(";"))
    charsets = [one for one in parameters if one.lower().startswith("charset")]
    if kind.lower() != "application/json" or not all(_CHARSET.fullmatch(one) for one in charsets):
        raise InputError(
            f"Content-Type {shown(given)}: send JSON in UTF-8, with Content-Type: application/json",
            code="unsupported_media_type",
        )
    if encoding.lower() != "identity":
        raise InputError(
            f"Content-Encoding {shown(encoding)}: send the body uncompressed", code="unsupported_media_type"
        )


def parse_json(data: bytes) -> object:
    """JSON without its traps: duplicate names, NaN, huge numbers, deep nesting, odd characters."""
    try:
        value: object = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_float=_number,
            parse_int=_bounded,
        )
    except InputError:
        raise
    except RecursionError:
        raise _too_deep("") from None
    except ValueError as error:
        raise InputError(f"the body is not JSON ({cut(str(error))})", code="invalid_json") from error
    _check(value)
    return value


def _check(value: object) -> None:
    """InputError for what is too deep, too much, too long or odd."""
    count = 0
    for path, depth, one in _walk(value):
        if isinstance(one, str):
            _check_text(path, "its value", one, MAX_STRING)
            continue
        count += len(one)
        if depth > MAX_DEPTH:
            raise _too_deep(path)
        if count > MAX_VALUES:
            raise InputError(
                f"the body holds more than {MAX_VALUES} values: send fewer",
                param=cut(path) or None,
                code="invalid_json",
            )


def _walk(value: object) -> Iterator[tuple[str, int, str | Nested]]:
    """Texts, objects and arrays, each with its path and how deep it lies (an object at the top: 1)."""
    waiting: list[tuple[str, int, object]] = [("", 1, value)]
    while waiting:
        path, depth, one = waiting.pop()
        if not isinstance(one, str | dict | list):
            continue
        yield path, depth, one
        if isinstance(one, dict):
            for name, it in one.items():
                _check_text(path, f"the name {shown(name)}", name, MAX_NAME)
                waiting.append((f"{path}.{name}" if path else name, depth + 1, it))
        elif isinstance(one, list):
            inner = ((i, it) for i, it in enumerate(one) if isinstance(it, str | dict | list))
            waiting.extend((f"{path}.{i}", depth + 1, it) for i, it in inner)


def _check_text(path: str, what: str, text: str, most: int) -> None:
    where, param = (f"{cut(path)}: " if path else ""), cut(path) or None
    if len(text) > most:
        raise InputError(f"{where}{what} has {len(text)} characters, at most {most}: shorten it", param=param)
    odd = _ODD.search(text)
    if odd:
        raise InputError(
            f"{where}{what} holds U+{ord(odd[0]):04X} at character {odd.start()}: leave control characters "
            "and halves of surrogate pairs out",
            param=param,
        )


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise InputError(f"{shown(twice)} stands twice in one object: say it once", code="invalid_json")
    return found


def _no_constant(text: str) -> NoReturn:
    raise InputError(f"{text} is no JSON number: give a finite one", code="invalid_json")


def _number(text: str) -> float | int:
    """5.0 is an integer in JSON's own eyes, and in those of its schemas."""
    value = float(text)
    if not math.isfinite(value):
        raise InputError(f"the number {cut(text)} is out of range: give a smaller one", code="invalid_json")
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def _bounded(text: str) -> int:
    if len(text) > 20 or not -MAX_NUMBER < int(text) < MAX_NUMBER:
        raise InputError(f"the number {cut(text)} is out of range: give a smaller one", code="invalid_json")
    return int(text)


def _too_deep(path: str) -> InputError:
    return InputError(
        f"objects and arrays lie more than {MAX_DEPTH} deep: flatten them",
        param=cut(path) or None,
        code="invalid_json",
    )
