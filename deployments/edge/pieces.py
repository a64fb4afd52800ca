"""JSON with pictures in it, piece by piece, so that nothing holds the interpreter's lock for long.

A traced answer of large pictures is a hundred megabytes. Written, sent or pickled in one call it would keep
every thread waiting, that of the event loop too.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from record.pictures import codec
from record.types import Json, Picture

PIECE = 3 * 2**18
"""Bytes of a file that are written at once; a multiple of three, so that base64 can be cut there."""
WRITERS = ThreadPoolExecutor(2, "writer")
"""Few at once, whoever asks: each of them competes with the event loop."""


@dataclass(frozen=True)
class File:
    """A picture that JSON tells as the base64 of its file."""

    image: Image.Image | Picture
    encoding: codec.Encoding = codec.PNG


def pieces(told: Json) -> Iterator[bytes]:
    """The JSON of plain values and of `File`s, in pieces of at most about a megabyte.

    Each file is made when its turn comes. ValueError for NaN, TypeError for what is no JSON.
    """
    return _gathered(_written(told))


async def sent(told: Json) -> AsyncGenerator[bytes, None]:
    """The same pieces, each made in a thread when the one before is sent."""
    loop, parts = asyncio.get_running_loop(), pieces(told)
    while part := await loop.run_in_executor(WRITERS, next, parts, b""):
        yield part


def _written(told: Json) -> Iterator[bytes]:
    due: list[File] = []

    def later(value: object) -> str:
        if not isinstance(value, File):
            raise TypeError(f"{type(value).__name__} is no JSON")
        due.append(value)
        return ""

    encoder = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=later)
    for part in encoder.iterencode(told):
        if due:  # this part is the empty string that stands for the file
            yield from _quoted(due.pop())
        else:
            yield part.encode()


def _quoted(file: File) -> Iterator[bytes]:
    data = codec.to_bytes(file.image, file.encoding)
    yield b'"'
    for start in range(0, len(data), PIECE):
        yield base64.b64encode(data[start : start + PIECE])
    yield b'"'


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Fewer and larger parts: each is sent by itself."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        if size + len(part) > PIECE and waiting:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(part)
        size += len(part)
    yield b"".join(waiting)
