from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from deployments.config import IngressArgs
from deployments.edge.ingress import create_app
from deployments.edge.readiness import Part
from deployments.edge.service import Service
from record.facts import Checkpoint, Facts
from record.story.cast import Cast, Diffusion, Reasoner
from runs import Store, open_store
from tests.record.fakes import FakeAnalyst, FakeDiffusion, FakeReasoner

FACTS = Facts(
    vocabulary=("a", "man", "woman", "is", "are", "kicking", "holding", "ball", "the"),
    verbs=("kicking", "holding"),
    defaults={"candidates": 3, "steps": 4},
)
Serve = Callable[..., TestClient]


def app_over_fakes(
    diffusion: Diffusion | None = None,
    reasoner: Reasoner | None = None,
    parts: Mapping[str, str] | None = None,
    settings: Mapping[str, Any] | None = None,
    facts: Facts = FACTS,
    store: Store | None = None,
    **args: float,
) -> FastAPI:
    """The HTTP edge over fakes, any of which can be replaced; `settings` are the configuration's."""
    cast = Cast(diffusion or FakeDiffusion(), FakeAnalyst(), reasoner or FakeReasoner())
    kept = store or new_store()

    async def describe() -> Checkpoint:
        return Checkpoint(8, 8, facts)

    async def states() -> Mapping[str, Part]:
        return {name: Part(state) for name, state in (parts or {"Diffusion": "ready"}).items()}

    checked = IngressArgs.model_validate(args)
    return create_app(Service(lambda listen: cast, kept, checked, describe, states, settings or {}))


def new_store() -> Store:
    """A store that nobody else has."""
    folder = tempfile.mkdtemp()
    return open_store(f"sqlite:///{folder}/runs.sqlite3", f"{folder}/artefacts")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A client of `app_over_fakes`, whose runs go on from request to request."""
    with ExitStack() as clients:

        def start(*fakes: Any, **more: Any) -> TestClient:
            app = app_over_fakes(*fakes, **more)
            client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
            return clients.enter_context(client)

        yield start


@pytest.fixture
def live() -> Iterator[Callable[..., str]]:
    """Serves `app_over_fakes` on a free port of this machine; gives its address."""
    with ExitStack() as servers:
        yield lambda *fakes, **more: servers.enter_context(served(app_over_fakes(*fakes, **more)))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real HTTP server, for as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()
