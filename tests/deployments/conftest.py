from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from fastapi.testclient import TestClient

from deployments.config import IngressArgs
from deployments.ingress import create_app
from deployments.messages import Checkpoint
from deployments.service import Service
from record import story
from record.facts import Facts
from tests.record.fakes import FakeAnalyst, FakeDiffusion, FakeReasoner

FACTS = Facts(
    vocabulary=("a", "man", "woman", "is", "are", "kicking", "holding", "ball", "the"),
    verbs=("kicking", "holding"),
    defaults={"candidates": 3, "steps": 4},
)
Serve = Callable[..., TestClient]


@pytest.fixture
def serve() -> Serve:
    """A client of the HTTP edge over fakes, any of which can be replaced."""

    def start(
        diffusion: story.Diffusion | None = None,
        reasoner: story.Reasoner | None = None,
        parts: Mapping[str, str] | None = None,
        **args: float,
    ) -> TestClient:
        cast = story.Cast(diffusion or FakeDiffusion(), FakeAnalyst(), reasoner or FakeReasoner())

        async def describe() -> Checkpoint:
            return Checkpoint(8, 8, FACTS)

        async def states() -> Mapping[str, str]:
            return parts or {"Diffusion": "ready"}

        service = Service(cast, IngressArgs.model_validate(args), describe, states)
        return TestClient(create_app(service), raise_server_exceptions=False)

    return start
