"""Whether the service is well, what it serves, and what it is doing."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from deployments.edge import schema
from deployments.edge.readiness import READY
from deployments.edge.service import Service
from record.types import Json


def routes(service: Service) -> APIRouter:
    """The routes over a service."""
    router = APIRouter()

    @router.get("/v1/models", responses=schema.errors(503))
    async def models() -> Json:
        """What is served, with the settings a request gets when it says nothing."""
        checkpoint = await service.checkpoint()
        facts = {
            "size": checkpoint.size,
            "subjects": list(checkpoint.facts.subjects),
            "verbs": list(checkpoint.facts.verbs),
            "objects": list(checkpoint.facts.objects),
            "settings": service.settings({}, checkpoint).model_dump(),
        }
        card = {"id": service.args.model_name, "object": "model", "created": 0, "owned_by": "record", **facts}
        return {"object": "list", "data": [card]}

    @router.get("/v1/status")
    async def status() -> Json:
        """Runs that wait and are drawn, how fast, and the state of each part; for people and pages."""
        parts = dict(await service.parts())
        out = await asyncio.to_thread(service.store.index.outstanding)
        pace = await service.admission.pace()
        return {
            "ready": bool(parts) and all(state == READY for state in parts.values()),
            "parts": parts,
            "model": service.args.model_name,
            "waiting": out.waiting,
            "running": out.running,
            "row_steps": out.row_steps,
            "row_steps_per_s": round(pace, 1),
            "idle_in_s": round(out.row_steps / pace, 1),
        }

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The HTTP edge is alive."""
        return {"status": "ok"}

    @router.get("/readyz", responses={200: {"model": schema.Readiness}, 503: {"model": schema.Readiness}})
    async def readyz() -> JSONResponse:
        """Every part can work (200), or which cannot (503)."""
        parts = dict(await service.parts())
        is_ready = bool(parts) and all(state == READY for state in parts.values())
        return JSONResponse({"ready": is_ready, "parts": parts}, 200 if is_ready else 503)

    return router
