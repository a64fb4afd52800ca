"""Whether the service is well, what it serves, and what it is doing."""

from __future__ import annotations

import asyncio
import time
from typing import get_args

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from deployments.edge import schema
from deployments.edge.readiness import States, is_ready
from deployments.edge.service import Service
from record.types import Json
from runs.rows import Ending

LATELY_S = 60.0


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
        """Runs that wait, are drawn and ended lately, how fast, and each part; for people and pages."""
        return await _status(service)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The HTTP edge is alive."""
        return {"status": "ok"}

    @router.get("/readyz", responses={200: {"model": schema.Readiness}, 503: {"model": schema.Readiness}})
    async def readyz() -> JSONResponse:
        """Every part can work (200), or which cannot (503)."""
        parts = await service.parts()
        ready = is_ready(parts)
        return JSONResponse({"ready": ready, "parts": _states(parts)}, 200 if ready else 503)

    return router


async def _status(service: Service) -> Json:
    parts, index = await service.parts(), service.store.index
    out = await asyncio.to_thread(index.outstanding)
    lately = await asyncio.to_thread(index.tally, time.time() - LATELY_S)
    pace = await service.admission.pace()
    return {
        "ready": is_ready(parts),
        "parts": _states(parts),
        "replicas": {name: part.replicas() for name, part in parts.items()},
        "model": service.args.model_name,
        "waiting": out.waiting,
        "running": out.running,
        "row_steps": out.row_steps,
        "row_steps_per_s": round(pace, 1),
        "idle_in_s": round(out.row_steps / pace, 1),
        "last_minute": {status: lately.get(status, 0) for status in get_args(Ending)},
        "up_s": round(time.monotonic() - service.began),
    }


def _states(parts: States) -> dict[str, str]:
    return {name: part.state for name, part in parts.items()}
