"""The HTTP edge's deployment. Knows handles, imports no sibling deployment."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.config import IngressArgs
from deployments.edge import access, docs, errors, health, images, looking, runs, schema
from deployments.edge.handles import RemoteAnalyst, RemoteChat, RemoteDiffusion
from deployments.edge.readiness import Readiness, deployment_states
from deployments.edge.service import Service
from deployments.playing.keeper import keep
from deployments.seeing import gauges, logs
from deployments.seeing.requests import Traced
from deployments.studio.routes import routes as studio
from record.reasoning import VisionReasoner
from record.reasoning.dialect import Dialect
from record.reasoning.heard import Exchange
from record.story.cast import Cast
from runs.store import open_store

TURN_S = 0.001
"""How long a thread that computes keeps Python from the event loop, which hands work to threads and back."""


@serve.ingress()
class Ingress:
    """Accepts runs, plays them with deployments behind handles, and answers over HTTP."""

    def __init__(
        self,
        args: IngressArgs,
        diffusion: DeploymentHandle,
        analysis: DeploymentHandle,
        vlm: DeploymentHandle | None,
        dialect: Dialect,
        images: DeploymentHandle | None,
        settings: Mapping[str, Any],
    ) -> None:
        """Hold the handles and open the store; without a `vlm` the first candidate is kept.

        `images` draws what no checkpoint draws; `settings` are what a request gets where it says nothing.
        """
        logs.install()
        painter = RemoteDiffusion(diffusion, images, args.retries, args.wakes_s)
        analyst = RemoteAnalyst(analysis, args.retries)
        chat = None if vlm is None else RemoteChat(vlm, args.retries, args.vlm_budget_s)
        reasoner = None if chat is None else VisionReasoner(chat, dialect)

        def cast_for(listen: Callable[[Exchange], None]) -> Cast:
            return Cast(painter, analyst, None if reasoner is None else reasoner.heard_by(listen))

        self._drawn = painter.drawn
        store = open_store(args.store_url, args.artefacts)
        parts = Readiness(deployment_states)
        self._service = Service(cast_for, store, args, painter.describe, parts, settings)

    async def __serve_build_asgi_app__(self) -> FastAPI:
        """Ray Serve asks for the application once the replica is up."""
        app = create_app(self._service, _is_first)
        sys.setswitchinterval(TURN_S)
        gc.collect()
        gc.freeze()  # to go through all that was imported would stop the event loop for a tenth of a second
        return app

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """For the policy that starts painters: what waits in the store, and when it is due."""
        return await self._service.demand(self._drawn)


def _is_first() -> bool:
    """Whether Ray Serve ranks this replica first; when that one goes, another or its successor is it."""
    return bool(serve.get_replica_context().rank.rank == 0)


def create_app(service: Service, is_first: Callable[[], bool] = lambda: True) -> FastAPI:
    """The HTTP interface over any Service, so that tests can hand it a small cast.

    `is_first` is whether it keeps the store for all replicas.
    """

    @asynccontextmanager
    async def playing(_: FastAPI) -> AsyncGenerator[None, None]:
        service.player.hurry()
        tasks = [
            asyncio.create_task(keep(service.store, service.args.keeping, is_first=is_first)),
            asyncio.create_task(gauges.keep_saying(service.store.index, service.admission.pace)),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, service.player.close(), return_exceptions=True)
        await asyncio.to_thread(service.store.close)

    app = FastAPI(title="ReCorD", docs_url=None, redoc_url=None, lifespan=playing)
    errors.install(app)
    docs.install(app)
    schema.install(app, service.args)
    access.install(app, service.args)
    app.add_middleware(Traced)
    for part in (images, runs, looking, health):
        app.include_router(part.routes(service))
    app.include_router(studio())
    return app
