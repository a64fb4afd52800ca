"""Asks a running service as its clients do, and keeps what they see."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
import numpy as np
from PIL import Image

from record.types import Json, Picture

IMAGES, RUNS = "/v1/images/generations", "/v1/runs"
LOST = 0
"""The status of what got no answer: refused, cut, or not in time."""
ERROR = frozenset({"type", "code", "message", "param"})
AGAIN = frozenset({LOST, 429, 500, 502, 503})
"""Statuses after which a client asks again, with the same idempotency key."""
POLL_S = 0.3
PROMPTS = ("a woman is kicking a ball", "a boy is lifting a box", "a girl is holding a book")


@dataclass(frozen=True)
class Answer:
    """What came back, in how many seconds."""

    status: int
    seconds: float
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Json:
        """The body, read; {} where it is no JSON object."""
        try:
            told = json.loads(self.content)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def is_foreign(self) -> bool:
        """Whether it is an error in any other shape than OpenAI's: the application did not write it."""
        error = self.json().get("error")
        return self.status >= 400 and not (isinstance(error, dict) and error.keys() == ERROR)

    @property
    def retry_after_s(self) -> float | None:
        """Seconds to wait, where it says so."""
        said = self.headers.get("retry-after")
        return float(said) if said else None

    def picture(self) -> Picture:
        """The first picture (H x W x 3, uint8) of an images answer, or of a PNG."""
        content = self.content
        if content[:1] == b"{":
            content = base64.b64decode(self.json()["data"][0]["b64_json"])
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


class Asker:
    """A client that raises for nothing: what goes wrong is an Answer too."""

    def __init__(self, url: str, key: str | None = None, timeout_s: float = 330.0) -> None:
        """`url` without /v1; `key` where the service wants one."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        limits = httpx.Limits(max_connections=None)
        self.http = httpx.AsyncClient(base_url=url, headers=headers, timeout=timeout_s, limits=limits)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close all connections."""
        await self.http.aclose()

    async def get(self, path: str) -> Answer:
        """Ask for a path."""
        return await self._send("GET", path, None, {})

    async def post(self, path: str, body: Json, **headers: str) -> Answer:
        """Post a body as JSON; underscores in names of headers stand for hyphens."""
        return await self._send(
            "POST", path, body, {name.replace("_", "-"): said for name, said in headers.items()}
        )

    async def _send(self, method: str, path: str, body: Json | None, headers: Mapping[str, str]) -> Answer:
        start = time.perf_counter()
        try:
            found = await self.http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError:
            return Answer(LOST, time.perf_counter() - start)
        return Answer(found.status_code, time.perf_counter() - start, found.content, found.headers)

    async def follow(self, run: str) -> int:
        """Read a run's events to their end; how many there were."""
        count = 0
        async with self.http.stream("GET", f"{RUNS}/{run}/events") as events:
            async for line in events.aiter_lines():
                count += line.startswith("event:")
        return count

    async def told(self, run: str) -> list[Json]:
        """All that a run that is over told; nothing where it cannot be read."""
        try:
            found = await self.http.get(f"{RUNS}/{run}/events")
        except httpx.HTTPError:
            return []
        lines = found.text.splitlines() if found.status_code == 200 else []
        return [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]

    async def over(self, run: str) -> Json:
        """The run as soon as it is over, asked for now and then."""
        while True:
            told = (await self.get(f"{RUNS}/{run}")).json()
            if told.get("ended"):
                return told
            await asyncio.sleep(POLL_S)


def small(number: int, *, steps: int, candidates: int, **more: Any) -> Json:
    """The body of a request that is cheap to draw; each `number` draws another picture."""
    prompt = PROMPTS[number % len(PROMPTS)]
    return {"prompt": prompt, "seed": 100 * number, "steps": steps, "candidates": candidates, **more}
