"""Who talks to a service without keys: only this machine, and no page of another site.

A foreign page can make a browser send requests to 127.0.0.1, and by DNS rebinding under a name of its own.
Both show in the headers Host and Origin, which a page cannot choose.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from record.shown import shown


def is_local(name: str | None) -> bool:
    """Whether a host's name or address is this machine's own loopback."""
    if name is None:
        return False
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback


def came_to_loopback(scope: Scope) -> bool:
    """Whether a connection ended at a loopback address, or at a socket file."""
    server = scope.get("server")
    return server is None or server[1] is None or is_local(server[0])


def stranger(headers: Headers) -> str | None:
    """What in Host or Origin is not of this machine, for a message; None where all is."""
    hosts = headers.getlist("host")
    if not hosts:
        return "no Host header"
    for name, given in (("Host", hosts), ("Origin", headers.getlist("origin"))):
        for one in given:
            if not is_local(_host_in(one)):
                return f"{name}: {shown(one)}"
    return None


def _host_in(given: str) -> str | None:
    try:
        return urlsplit(given if "//" in given else f"//{given}").hostname
    except ValueError:
        return None
