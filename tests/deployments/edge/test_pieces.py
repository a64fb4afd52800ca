"""JSON with pictures in it is that of its parts, and comes in pieces."""

from __future__ import annotations

import asyncio
import base64
import json

import numpy as np
import pytest

from deployments.edge.pieces import PIECE, File, pieces, sent
from record.pictures import codec

NOISE = np.random.default_rng(0).integers(0, 255, (700, 700, 3), np.uint8)
SMALL = NOISE[:8, :8]


def test_the_json_is_that_of_its_values_with_base64_for_files() -> None:
    told = {
        "a": [1.5, None, "", 'ü\u2028\n"', {"b": File(SMALL)}, File(SMALL, codec.Encoding("webp"))],
        "c": "",
    }
    read = json.loads(b"".join(pieces(told)))
    encoded = codec.encode(SMALL)
    webp = codec.encode(SMALL, codec.Encoding("webp"))
    assert read == {"a": [1.5, None, "", 'ü\u2028\n"', {"b": encoded}, webp], "c": ""}


def test_it_stands_in_one_line_for_every_reader() -> None:
    (line,) = b"".join(pieces({"a": "\u2028\u0085\r\n"})).decode().splitlines()
    assert json.loads(line) == {"a": "\u2028\u0085\r\n"}


def test_a_large_file_comes_in_pieces_that_fit_together() -> None:
    parts = list(pieces({"many": list(range(1000)), "file": File(NOISE)}))
    assert len(parts) > 2 and max(map(len, parts)) <= 4 * PIECE // 3
    assert base64.b64decode(json.loads(b"".join(parts))["file"]) == codec.to_bytes(NOISE)


@pytest.mark.parametrize("value", [float("nan"), b"bytes"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError), match="JSON"):
        list(pieces({"a": value}))


def test_the_same_pieces_are_sent() -> None:
    told = {"file": File(NOISE)}

    async def all_sent() -> list[bytes]:
        return [part async for part in sent(told)]

    assert asyncio.run(all_sent()) == list(pieces(told))
