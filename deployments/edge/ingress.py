"""The HTTP edge: OpenAI's images API with our own fields. Knows handles, imports no sibling deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.config import IngressArgs
from deployments.edge import access, docs, schema
from deployments.edge import errors as http_errors
from deployments.edge.answers import generation
from deployments.edge.body import read_request
from deployments.edge.handles import RemoteAnalyst, RemoteChat, RemoteDiffusion
from deployments.edge.readiness import READY, Readiness, deployment_states
from deployments.edge.service import Service
from record.reasoning import VisionReasoner
from record.reasoning.dialect import Dialect
from record.story.cast import Cast


@serve.ingress()
class Ingress:
    """Plays the story with deployments behind handles, and answers over HTTP."""

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
        """Hold the handles; without a `vlm` the first candidate is kept.

        `images` draws what no checkpoint draws; `settings` are what a request gets where it says nothing.
        """
        painter = RemoteDiffusion(diffusion, images, args.retries)
        chat = None if vlm is None else RemoteChat(vlm, args.retries, args.vlm_budget_s)
        reasoner = None if chat is None else VisionReasoner(chat, dialect)
        cast = Cast(painter, RemoteAnalyst(analysis, args.retries), reasoner)
        self._service = Service(cast, args, painter.describe, Readiness(deployment_states), settings)

    async def __serve_build_asgi_app__(self) -> FastAPI:
        """Ray Serve asks for the application once the replica is up."""
        return create_app(self._service)


def create_app(service: Service) -> FastAPI:
    """The HTTP interface over any Service, so that tests can hand it a small cast."""
    app = FastAPI(title="ReCorD", docs_url=None, redoc_url=None)
    http_errors.install(app)
    docs.install(app)
    schema.install(app, service.args)
    access.install(app, service.args)

    @app.post(
        "/v1/images/generations",
        openapi_extra=schema.GENERATION_BODY,
        responses={200: {"model": schema.ImagesAnswer}, **schema.DRAWING_ERRORS},
    )
    async def generate(request: Request) -> Response:
        """Draw a sentence: OpenAI's fields, and our own beside them."""
        try:
            asked = await read_request(request)
            runs = await service.generate(asked)
            return await generation(runs, trace=asked.trace, encoding=asked.encoding)
        except Exception as error:
            return http_errors.answer(error)

    @app.get("/v1/models", responses=schema.errors(503))
    async def models() -> dict[str, Any]:
        """What is served, with the settings a request gets when it says nothing."""
        checkpoint = await service.checkpoint()
        facts = {
            "size": checkpoint.size,
            "verbs": list(checkpoint.facts.verbs),
            "settings": service.settings({}, checkpoint).model_dump(),
        }
        card = {"id": service.args.model_name, "object": "model", "created": 0, "owned_by": "record", **facts}
        return {"object": "list", "data": [card]}

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The HTTP edge is alive."""
        return {"status": "ok"}

    @app.get("/readyz", responses={200: {"model": schema.Readiness}, 503: {"model": schema.Readiness}})
    async def readyz() -> JSONResponse:
        """Every part is ready (200), or which are not (503)."""
        parts = dict(await service.parts())
        is_ready = bool(parts) and all(state == READY for state in parts.values())
        return JSONResponse({"ready": is_ready, "parts": parts}, 200 if is_ready else 503)

    return app
