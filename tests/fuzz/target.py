"""A service to be sent odd requests: over real sockets, wherever it runs."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import uvicorn
from starlette.types import ASGIApp

TIMEOUT_S = 120.0
LARGEST_ERROR = 8000
"""Bytes of an error's answer: it may list known names, and shows 80 characters of the input."""


NO_HTTP = b"Invalid HTTP request received."
"""The HTTP server's own answer (400) to what never reaches an application."""


class Fault(AssertionError):
    """The service answered something that it never should."""


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where the connection was closed without a word."""

    status: int
    media_type: str
    body: bytes

    def json(self) -> Any:
        """The body, read; Fault where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Fault(f"{self.status} is no JSON: {self.body[:200]!r}") from error


class Target:
    """One service, over one connection that is kept open as long as it lasts."""

    def __init__(self, url: str, key: str | None = None) -> None:
        parts = urlsplit(url)
        self.url, self.host, self.port = url.rstrip("/"), parts.hostname or "127.0.0.1", parts.port or 80
        self.own = {"Authorization": f"Bearer {key}"} if key else {}
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Close the connection that was kept."""
        if self._connection is not None:
            self._connection.close()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Sequence[bytes] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask; parts of a body go out one by one, chunked and without Content-Length.

        Where the connection that was kept is closed by now, ask again over a new one.
        """
        is_chunked, is_kept = not isinstance(body, bytes), self._connection is not None
        connection = self._connection or http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        self._connection = None
        try:
            connection.request(
                method,
                path,
                body if isinstance(body, bytes) else iter(body),
                {**self.own, **(headers or {})},
                encode_chunked=is_chunked,
            )
            found = connection.getresponse()
            answer = Answer(found.status, found.headers.get("content-type", ""), found.read())
        except (ConnectionError, http.client.HTTPException):
            connection.close()
            return self.send(method, path, body, headers) if is_kept else Answer(0, "", b"")
        self._connection = connection
        return answer

    def send_raw(self, data: bytes, *, and_leave: bool = False) -> Answer:
        """Write bytes as they are, and read one answer to its end; with `and_leave` hang up instead."""
        with socket.create_connection((self.host, self.port), timeout=TIMEOUT_S) as connection:
            with suppress(ConnectionError):
                connection.sendall(data)
                if and_leave:
                    return Answer(0, "", b"")
                connection.shutdown(socket.SHUT_WR)
            return _read_answer(connection)


def _read_answer(connection: socket.socket) -> Answer:
    found = bytearray()
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            found += part
    head, _, body = bytes(found).partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    kind = re.search(rb"(?i)\r\ncontent-type: *([^\r]*)", head)
    return Answer(int(status[1]) if status else 0, kind[1].decode("latin-1") if kind else "", body)


def check_shape(answer: Answer) -> None:
    """Fault for a 5xx, and for an error that is not in OpenAI's shape."""
    if answer.status >= 500:
        raise Fault(f"{answer.status}: {answer.body[:500]!r}")
    if answer.status < 400 or answer.body == NO_HTTP:
        return
    found = answer.json()
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict) or error.keys() != {"type", "code", "message", "param"}:
        raise Fault(f"{answer.status} has another shape: {answer.body[:500]!r}")
    if len(answer.body) > LARGEST_ERROR:
        raise Fault(f"{answer.status} of {len(answer.body)} bytes: {answer.body[:200]!r}")


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of this machine; its address."""
    config = uvicorn.Config(app, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # named, or asyncio leaves Nagle's delay on
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
