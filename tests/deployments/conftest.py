from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from deployments.config import IngressArgs
from deployments.edge.ingress import create_app
from deployments.edge.service import Service
from record.facts import Checkpoint, Facts
from record.story.cast import Cast, Diffusion, Reasoner
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

    async def describe() -> Checkpoint:
        return Checkpoint(8, 8, facts)

    async def states() -> Mapping[str, str]:
        return parts or {"Diffusion": "ready"}

    return create_app(Service(cast, IngressArgs.model_validate(args), describe, states, settings or {}))


@pytest.fixture
def serve() -> Serve:
    """A client of `app_over_fakes`."""

    def start(*fakes: Any, **more: Any) -> TestClient:
        return TestClient(
            app_over_fakes(*fakes, **more), base_url="http://localhost", raise_server_exceptions=False
        )

    return start
