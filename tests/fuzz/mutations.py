"""Good bodies with some bytes changed, cut into chunks anywhere: the same for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence

from tests.fuzz.corpus import Attack

TOKENS = (
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\\u", b"\\ud800", b"\\u0000", b'"n":', b'"box":['),
    *(b"null", b"true", b"-", b"1e9", b"NaN", b"\x00", b"\xff", b"\r\n"),
    *(b"\xed\xa0\x80", b"\xf0\x9f\x8f\x80", b"\xe2\x80\xae"),
)


def mutations(good: Mapping[str, object], count: int, seed: int) -> Iterator[Attack]:
    """`count` requests; some are good still."""
    chance = random.Random(seed)
    whole = json.dumps(good).encode()
    for number in range(count):
        body = whole
        for _ in range(chance.choice((1, 1, 2, 3, 8))):
            body = _changed(body, chance)
        is_cut = chance.random() < 0.3
        yield Attack(f"mutation {number}", _cut(body, chance) if is_cut else body)


def _changed(body: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(body) + 1)
    end = min(len(body), start + chance.choice((0, 1, 1, 2, 5, 30)))
    kind = chance.randrange(4)
    if kind == 0:
        return body[:start] + chance.choice(TOKENS) + body[end:]
    if kind == 1:
        return body[:start] + body[end:]
    if kind == 2:
        return body[:end] + body[start:end] * chance.choice((1, 2, 50)) + body[end:]
    return body[:start] + chance.randbytes(end - start) + body[end:]


def _cut(body: bytes, chance: random.Random) -> Sequence[bytes]:
    places = sorted(chance.randrange(len(body) + 1) for _ in range(chance.randrange(8)))
    parts = [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]
    return [part for part in parts if part]
