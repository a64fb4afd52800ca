from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from deployments.config import IngressArgs
from deployments.edge.ingress import create_app
from deployments.edge.readiness import Part
from deployments.edge.service import Service
from record.facts import Checkpoint, Facts
from record.story.cast import Cast, Diffusion, Reasoner
from runs import open_store
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
    **args: float,
) -> FastAPI:
    """The HTTP edge over fakes, any of which can be replaced; `settings` are the configuration's."""
    cast = Cast(diffusion or FakeDiffusion(), FakeAnalyst(), reasoner or FakeReasoner())
    folder = tempfile.mkdtemp()
    store = open_store(f"sqlite:///{folder}/runs.sqlite3", f"{folder}/artefacts")

    async def describe() -> Checkpoint:
        return Checkpoint(8, 8, facts)

    async def states() -> Mapping[str, Part]:
        return {name: Part(state) for name, state in (parts or {"Diffusion": "ready"}).items()}

    checked = IngressArgs.model_validate(args)
    return create_app(Service(lambda listen: cast, store, checked, describe, states, settings or {}))


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A client of `app_over_fakes`, whose runs go on from request to request."""
    with ExitStack() as clients:

        def start(*fakes: Any, **more: Any) -> TestClient:
            app = app_over_fakes(*fakes, **more)
            client = TestClient(app, base_url="http://localhost", raise_server_exceptions=False)
            return clients.enter_context(client)

        yield start
