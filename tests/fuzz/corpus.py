"""Nasty requests by name: bodies, headers, chunkings, paths, and bytes that are no HTTP at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PATH = "/v1/images/generations"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Attack:
    """One odd request; `statuses` are those allowed, any below 500 where there are none."""

    name: str
    body: bytes | Sequence[bytes] = b""
    statuses: frozenset[int] = frozenset()
    method: str = "POST"
    path: str = PATH
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)


def attacks(good: Mapping[str, object]) -> Iterator[Attack]:
    """All of them; `good` is a body that is answered 200."""
    for name, body in bodies(good).items():
        yield Attack(f"body: {name}", body, frozenset({400}))
    for name, body in values(good):
        yield Attack(f"value: {name}", body, frozenset({400, 404, 422}))
    whole = json.dumps(good).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        yield Attack(f"media type: {kind!r}", whole, frozenset({415}), headers={"Content-Type": kind})
    for name, parts, status in chunkings(whole):
        yield Attack(f"chunks: {name}", parts, frozenset({status}))
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"):
        yield Attack(f"method: {method}", whole, frozenset({400, 405}), method)
    for path in PATHS:
        page = {200} if path == "/" else set()
        yield Attack(f"path: {path[:40]}", whole, frozenset({307, 400, 404, 405} | page), "GET", path)
    for name, headers, statuses in header_lines():
        yield Attack(f"header: {name}", whole, frozenset(statuses), headers={**JSON, **headers})


def bodies(good: Mapping[str, object]) -> dict[str, bytes]:
    """Bodies that are refused with 400, whatever they lack."""
    whole = json.dumps(good).encode()
    return {
        "nothing": b"",
        "blank": b" \n\t ",
        "half": whole[: len(whole) // 2],
        "twice": whole + whole,
        "null": b"null",
        "number": b"1e5",
        "string": b'"a man is kicking a ball"',
        "array": b"[" + whole + b"]",
        "empty object": b"{}",
        "deep arrays": b"[" * 60_000,
        "deep objects": b'{"a":' * 10_000,
        "deep and closed": b'{"prompt": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        "many names": json.dumps({f"n{i}": i for i in range(4000)}).encode(),
        "same name": whole[:-1] + b', "prompt": "b"}',
        "same name inside": b'{"prompt": "a", "triplet": {"verb": "a", "verb": "b"}}',
        "long name": b'{"' + b"n" * 60_000 + b'": 1}',
        "utf-16": whole.decode().encode("utf-16"),
        "utf-32": whole.decode().encode("utf-32"),
        "latin-1": '{"prompt": "café"}'.encode("latin-1"),
        "bom": b"\xef\xbb\xbf" + whole,
        "surrogate bytes": b'{"prompt": "\xed\xa0\x80"}',
        "overlong slash": b'{"prompt": "\xc0\xaf"}',
        "nul at the end": whole + b"\x00",
        "comment": b"/* */" + whole,
        "single quotes": whole.replace(b'"', b"'"),
        "trailing comma": whole[:-1] + b",}",
        "bare words": b"{prompt: yes}",
        "huge integer": whole[:-1] + b', "seed": ' + b"9" * 50_000 + b"}",
        "huge exponent": whole[:-1] + b', "step_size": 1e99999}',
        "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00.",
        "yaml": b"prompt: !!python/object/apply:os.system [id]",
        "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    }


ODD: Sequence[object] = (
    *([], {}, [[]], {"a": {}}, [None], [0, 0, 1, 1], [1] * 9999, ["a"] * 9999, {"$ref": "#"}),
    *(True, -1, 2**31, 2**63, -(2**63), 10**30, 0.5, 1e308, -0.5),
    *("", "x", "5", "true", "null", "NaN", "a" * 3999, "a" * 60_000, "%s%n%x", "{0.__class__}", "${7*7}"),
    *(
        "\x00",
        "\x1b[31m",
        "\u202e",
        "\ud800",
        "\udfff\ud800",
        "\\u0000",
        "\u0301" * 500,
        "🏀" * 999,
        "ſ",
        "ﬃ",
    ),
    *("'; DROP TABLE runs; --", "../../../etc/passwd", "<script>", "__proto__"),
)
FIELDS = (
    *("prompt", "n", "size", "model", "box", "triplet", "steps", "seed", "method", "strict", "step_size"),
    *("trace", "stream", "response_format", "output_format", "output_compression", "user", "preset"),
)


def values(good: Mapping[str, object]) -> Iterator[tuple[str, bytes]]:
    """Every odd value in every field, as JSON; some of them are right in some field, and left out there."""
    for name in FIELDS:
        for odd in ODD:
            if not _is_right(name, odd):
                yield f"{name}={str(odd)[:20]!r}", json.dumps({**good, name: odd}).encode()


def _is_right(name: str, value: object) -> bool:
    """Whether a field takes one of the odd values; a superset, such as every text for the user."""
    kind = type(value)
    taken: dict[str, tuple[type, ...]] = {
        "user": (str,), "trace": (bool,), "strict": (bool,), "stream": (bool,), "box": (list,),
        "seed": (int,), "step_size": (float, int), "size": (str,),
    }  # fmt: skip
    return kind in taken.get(name, ())


def chunkings(whole: bytes) -> Iterator[tuple[str, Sequence[bytes], int]]:
    """Bodies without Content-Length, and what each is answered."""
    yield "byte by byte", [whole[i : i + 1] for i in range(len(whole))], 200
    yield "much white space", [whole, *[b" " * 1000] * 60], 200
    yield "too much white space", [whole, *[b" " * 1000] * 70], 413
    yield "a megabyte", [b"x" * 65536] * 16, 413
    yield "ends early", [whole[:-1]], 400
    yield "nothing", [], 400


PATHS = (
    *("/", "//", "/v1", "/v1/", "/v1/images", "/v1/images/generations/", "/v1//images/generations"),
    *("/V1/images/generations", "/v1/images/generations%00", "/v1/models/other", "/metrics/../v1", "/.env"),
    *("/%2e%2e/%2e%2e/etc/passwd", "/docs/../none.json", "/docs/%2e%2e%2fcore.py", "/docs/swagger-ui.css%00"),
    *("/%ff%fe", "/%", "/;", "/*", "/\\..\\..", "/" + "a" * 8000, "/" + "a/" * 2000),
)


def header_lines() -> Iterator[tuple[str, dict[str, str], set[int]]]:
    """Headers beside a good body, and what that is answered; Host and Origin are another matter."""
    yield "gzip", {"Content-Encoding": "gzip"}, {415}
    yield "no time", {"x-request-timeout-seconds": "0"}, {400}
    yield "odd time", {"x-request-timeout-seconds": "nan"}, {400}
    yield "no leaving", {"x-request-disconnect-disabled": "?1"}, {200}
    yield "accepts nothing", {"Accept": "*/*;q=0"}, {200}
    yield "path override", {"X-Original-URL": "/admin", "X-Forwarded-Prefix": "/../.."}, {200}
    yield "forwarded", {"X-Forwarded-For": "10.0.0.1' OR 1=1", "X-Forwarded-Proto": "gopher"}, {200}
    yield "method override", {"X-HTTP-Method-Override": "DELETE"}, {200}
    yield "long", {"X-Long": "a" * 7000}, {200, 400, 431}
    yield "trace parent", {"traceparent": "00-zz-zz-zz"}, {200}
    yield "range", {"Range": "bytes=0-0,-1,5-2"}, {200}
    yield "expect", {"Expect": "100-continue"}, {200}
    yield (
        "upgrade",
        {"Upgrade": "h2c", "Connection": "Upgrade", "HTTP2-Settings": "AAA"},
        {200, 400},
    )


def raw(good: Mapping[str, object], host: str) -> Iterator[tuple[str, bytes, bool]]:
    """Name, bytes for the socket, and whether to hang up at once."""
    whole = json.dumps(good).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
    sized = head + f"Content-Length: {len(whole)}\r\n".encode()
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    yield "nothing", b"", False
    yield "noise", bytes(range(256)) * 40, False
    yield "tls hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, False
    yield "http/0.9", b"GET /healthz\r\n", False
    yield "http/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", False
    yield "http/9", head.replace(b"HTTP/1.1", b"HTTP/9.9") + b"\r\n", False
    yield "no host", b"GET /healthz HTTP/1.1\r\n\r\n", False
    yield "two hosts", sized + b"Host: example.org\r\n\r\n" + whole, False
    yield "negative length", head + b"Content-Length: -5\r\n\r\n" + whole, False
    yield "odd length", head + b"Content-Length: 5, 7\r\n\r\n" + whole, False
    yield "two lengths", sized + b"Content-Length: 3\r\n\r\n" + whole, False
    yield "huge length", head + b"Content-Length: 99999999999999999999\r\n\r\n" + whole, False
    yield "length and chunks", sized + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + whole, False
    yield "smuggled", sized + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n", False
    yield "odd chunk size", chunked + b"zz\r\nabc\r\n0\r\n\r\n", False
    yield "negative chunk", chunked + b"-1\r\nabc\r\n0\r\n\r\n", False
    yield "huge chunk", chunked + b"fffffffffffffffff\r\nabc", False
    yield "chunk extension", chunked + b"1;" + b"a" * 20_000 + b"\r\n{\r\n0\r\n\r\n", False
    yield "trailers", chunked + b"2\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n", False
    yield "half a body", sized + b"\r\n" + whole[:5], False
    yield "half a body, gone", sized + b"\r\n" + whole[:5], True
    yield "gone at once", sized + b"\r\n" + whole, True
    yield "half a head", head[:30], False
    yield "folded header", head + b"X-Fold: a\r\n b\r\n\r\n", False
    yield "nul in a header", head + b"X-Nul: a\x00b\r\n\r\n", False
    yield "nul in the path", b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", False
    yield "bare line feeds", sized.replace(b"\r\n", b"\n") + b"\n" + whole, False
    yield "many headers", head + b"".join(b"X-%d: a\r\n" % i for i in range(5000)) + b"\r\n", False
    yield "long header", head + b"X-Long: " + b"a" * 200_000 + b"\r\n\r\n", False
    yield "long path", b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", False
    yield "whole address", b"GET http://example.org/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", False
    yield "connect", b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n", False
    yield "pipelined", (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") * 20, False
