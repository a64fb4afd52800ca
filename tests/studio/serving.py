"""The real application over the slow cast, on a real port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from deployments.config import IngressArgs
from deployments.edge.ingress import create_app
from deployments.edge.readiness import Part
from deployments.edge.service import Service
from miniature.world import vocabulary
from record.facts import Checkpoint, Facts
from record.story.cast import Cast
from runs import open_store
from tests.studio.cast import VOCABULARY, KnowingAnalyst, PromptReasoner, SlowDiffusion, World

FACTS = Facts(
    vocabulary=VOCABULARY,
    verbs=tuple(vocabulary.VERBS),
    subjects=tuple(vocabulary.SUBJECTS),
    objects=tuple(vocabulary.OBJECTS),
    defaults={"candidates": 4, "steps": 10},
)


def app_over(world: World, folder: Path, **args: Any) -> FastAPI:
    """The HTTP edge over a world; runs are kept in `folder`, `args` are the ingress's."""
    cast = Cast(SlowDiffusion(world), KnowingAnalyst(world), PromptReasoner(world))
    store = open_store(f"sqlite:///{folder}/runs.sqlite3", f"{folder}/artefacts")

    async def describe() -> Checkpoint:
        return Checkpoint(256, 256, FACTS)

    async def states() -> Mapping[str, Part]:
        return dict.fromkeys(("Diffusion", "VLM", "Analysis"), Part("ready", running=1))

    checked = IngressArgs.model_validate(args)
    return create_app(Service(lambda listen: cast, store, checked, describe, states, {}))


@dataclass
class Served:
    """A service that runs in a thread of its own."""

    server: uvicorn.Server
    url: str
    port: int


@contextlib.contextmanager
def served(world: World, folder: Path | None = None, port: int = 0, **args: Any) -> Iterator[Served]:
    """Serve until the block ends; with port 0 on any that is free."""
    kept = folder or Path(tempfile.mkdtemp())
    config = uvicorn.Config(
        app_over(world, kept, **args),
        host="127.0.0.1",
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    found = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(server, f"http://127.0.0.1:{found}", found)
    finally:
        server.should_exit = True
        thread.join(10)
