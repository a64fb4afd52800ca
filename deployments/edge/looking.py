"""The runs as one looks at them: listed, one alone, followed, and what they left behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from deployments.edge import schema
from deployments.edge.access import owner_of
from deployments.edge.service import Service
from deployments.playing.follow import ending
from record.errors import InputError
from record.pictures import codec
from record.types import Json
from runs import RunRow, Store
from runs.rows import ArtefactRow, Content, Status

MOST = 100
"""Runs of a page."""
FOREVER = "private, max-age=31536000, immutable"
"""An artefact is named by a run that is over, and its bytes do not change.

Private: caches that many share must not show it to who has no key for it.
"""
LONGEST_SIDE = 2048
SIDE = "a picture in small, as WebP: at most so many pixels wide and high, and never enlarged"
RunId = Annotated[
    str, Path(pattern=r"^run-([0-9a-f]{12}|[0-9a-f]{16})$", description="as POST /v1/runs told it")
]


def routes(service: Service) -> APIRouter:
    """The routes over a service."""
    router = APIRouter()

    @router.get("/v1/runs", responses={200: {"model": schema.RunPage}, **schema.errors(400)})
    async def page(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MOST)] = 20,
        before: Annotated[
            str | None, Query(max_length=40, description="the last run of the page before")
        ] = None,
        status: Status | None = None,
        parent: Annotated[
            str | None, Query(max_length=40, description="only those that correct this run")
        ] = None,
    ) -> Json:
        """Runs, newest first."""
        owner = owner_of(request) or None
        rows = await asyncio.to_thread(service.store.index.page, owner, limit + 1, before, status, parent)
        more = len(rows) > limit
        data = [run_json(row) for row in rows[:limit]]
        return {"object": "list", "data": data, "has_more": more, "last": data[-1]["id"] if data else None}

    @router.get("/v1/runs/{run}", responses={200: {"model": schema.RunAnswer}, **schema.errors(404)})
    async def show(request: Request, run: RunId) -> Json:
        """One run, and the names of what it left behind."""
        row = await service.run(run, owner_of(request))
        kept = await asyncio.to_thread(service.store.index.artefacts, run)
        return run_json(row, kept)

    @router.get("/v1/runs/{run}/events", responses=schema.errors(404))
    async def events(
        request: Request,
        run: RunId,
        last_event_id: Annotated[int, Header(ge=0)] = 0,
        after: Annotated[int, Query(ge=0, description="as Last-Event-ID, for who cannot send headers")] = 0,
    ) -> Response:
        """What happens, as server-sent events; from `Last-Event-ID` on, by any replica."""
        row = await service.run(run, owner_of(request))
        return EventSourceResponse(_told(service, row, max(after, last_event_id)))

    @router.get("/v1/runs/{run}/artefacts/{name:path}", responses=schema.errors(400, 404))
    async def artefact(
        request: Request,
        run: RunId,
        name: Annotated[str, Path(max_length=100)],
        side: Annotated[int | None, Query(ge=1, le=LONGEST_SIDE, description=SIDE)] = None,
    ) -> Response:
        """Something that a run left behind: a picture, a map, a mask."""
        row = await service.run(run, owner_of(request))
        content = await asyncio.to_thread(_content, service.store, run, name, side)
        headers = {"Cache-Control": FOREVER} if row.is_over else {}
        return Response(content.data, media_type=content.media_type, headers=headers)

    return router


def run_json(row: RunRow, kept: list[ArtefactRow] | None = None) -> Json:
    """A run as the API tells it: with what was `kept`, also how the request was read."""
    told: Json = {
        "id": row.id,
        "object": "run",
        "status": row.status,
        "created": row.created,
        "started": row.started,
        "ended": row.ended,
        "deadline": row.deadline,
        "attempts": row.attempts,
        "row_steps": row.row_steps,
        "degraded": row.degraded,
        "parent": row.parent,
        "prompt": row.body["order"]["prompt"]["text"],
        "method": row.body["order"]["settings"][0]["method"],
        "pictures": len(row.body["order"]["settings"]),
        "request": row.body["asked"],
        "error": ending(row).get("error"),
    }
    if kept is not None:
        told["order"] = row.body["order"]
        told["artefacts"] = [{"name": a.name, "size": a.size, "media_type": a.media_type} for a in kept]
    return told


def _content(store: Store, run: str, name: str, side: int | None) -> Content:
    """The artefact, or the picture that it is in small; to be called in a thread."""
    content = store.content(run, name)
    if side is None:
        return content
    if not content.media_type.startswith("image/"):
        raise InputError(
            f"side={side}: {name} is no picture and has no small form, leave side out", param="side"
        )
    return replace(content, data=codec.reduced(content.data, side), media_type=codec.SMALL.media_type)


async def _told(service: Service, row: RunRow, after: int) -> AsyncGenerator[ServerSentEvent, None]:
    async with aclosing(service.follow(row.id, after)) as events:
        async for event in events:
            yield ServerSentEvent(json.dumps(event.told), event=event.name, id=str(event.number))
