"""Where a service is and how one is let in: from arguments, else from the environment."""

from __future__ import annotations

import os
from typing import Any

import httpx

from record.errors import InputError

URL, API_KEY = "RECORD_URL", "RECORD_API_KEY"
USUAL_URL = "http://127.0.0.1:8000"
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
"""Seconds; streams say something every 15 s."""


def address(url: str | None) -> str:
    """The service's address without /v1 at its end; InputError where it is none."""
    found = url or os.environ.get(URL) or USUAL_URL
    try:
        parsed = httpx.URL(found)
    except httpx.InvalidURL as error:
        raise InputError(f"url={found!r}: {error}; write it such as {USUAL_URL}", param="url") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError(f"url={found!r}: write it such as {USUAL_URL}", param="url")
    return found.rstrip("/").removesuffix("/v1").rstrip("/")


def options(url: str, api_key: str | None) -> dict[str, Any]:
    """For httpx.Client and httpx.AsyncClient; InputError for a key that no header can hold."""
    key = (api_key or os.environ.get(API_KEY) or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"the API key holds odd characters: look at {API_KEY}", param="api_key")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return {"base_url": url, "headers": headers, "timeout": TIMEOUT}
