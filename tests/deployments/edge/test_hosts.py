from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from deployments.edge.hosts import came_to_loopback, is_local, stranger

HERE = ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]
ABROAD = ["0.0.0.0", "::", "10.0.0.1", "localhost.example.org", "127.0.0.1.nip.io", ""]


@pytest.mark.parametrize("name", HERE)
def test_this_machine_has_many_names(name: str) -> None:
    assert is_local(name) and came_to_loopback({"server": (name, 8000)})


@pytest.mark.parametrize("name", ABROAD)
def test_others_are_not_this_machine(name: str) -> None:
    assert not is_local(name) and not came_to_loopback({"server": (name, 8000)})


def test_a_socket_file_is_this_machines() -> None:
    assert came_to_loopback({"server": None}) and came_to_loopback({"server": ("/run/record.sock", None)})


@pytest.mark.parametrize(
    ("host", "origin", "odd"),
    [
        ("localhost:8000", None, None),
        ("127.0.0.1", "http://localhost:3000", None),
        ("[::1]:8000", "http://[::1]:8000", None),
        ("rebound.example.org:8000", None, "Host: 'rebound.example.org:8000'"),
        ("localhost@example.org", None, "Host: 'localhost@example.org'"),
        ("[::1", None, "Host: '[::1'"),
        ("", None, "Host: ''"),
        ("localhost", "https://example.org", "Origin: 'https://example.org'"),
        ("localhost", "null", "Origin: 'null'"),
        (None, None, "no Host header"),
    ],
)
def test_foreign_pages_show_in_host_and_origin(host: str | None, origin: str | None, odd: str | None) -> None:
    given = {"host": host, "origin": origin}
    assert stranger(Headers({name: one for name, one in given.items() if one is not None})) == odd
