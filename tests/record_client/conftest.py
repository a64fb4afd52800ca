from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from record.job import Job
from record.types import Candidate, Progress
from record_client import ReCorDClient, tries
from tests.deployments.conftest import app_over_fakes
from tests.record.fakes import FakeDiffusion

KICK = "a woman is kicking a ball"
Serve = Callable[..., str]


class Hanging(FakeDiffusion):
    """Takes one step and then never ends."""

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Hang, until cancelled."""
        yield Progress(1, 4)
        await asyncio.Event().wait()


@contextmanager
def serving(app: FastAPI, port: int = 0) -> Iterator[str]:
    """The address of an application that listens on a port of this machine; 0 is a free one."""
    config = uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.02)
    (socket,) = server.servers[0].sockets
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(5)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pauses between tries, and nothing from the environment."""
    monkeypatch.setattr(tries, "FIRST_S", 0.0)
    monkeypatch.delenv("RECORD_URL", raising=False)
    monkeypatch.delenv("RECORD_API_KEY", raising=False)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The HTTP edge over fakes."""
    with serving(app_over_fakes()) as url:
        yield url


@pytest.fixture
def serve() -> Iterator[Serve]:
    """The same over other fakes and settings, as `app_over_fakes` takes them."""
    with ExitStack() as servers:

        def start(*fakes: Any, **more: Any) -> str:
            return servers.enter_context(serving(app_over_fakes(*fakes, **more)))

        yield start


@pytest.fixture
def client(address: str) -> Iterator[ReCorDClient]:
    """A client of it."""
    with ReCorDClient(address) as one:
        yield one
