"""The runs as one makes and ends them: accepted, corrected, stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from deployments.edge import schema
from deployments.edge.access import owner_of
from deployments.edge.body import read_correction, read_key, read_request
from deployments.edge.looking import RunId, run_json
from deployments.edge.service import Service
from record.errors import InputError
from record.types import Json
from runs import RunRow


def routes(service: Service) -> APIRouter:
    """The routes over a service."""
    router = APIRouter()

    @router.post(
        "/v1/runs",
        status_code=202,
        openapi_extra=schema.GENERATION_BODY,
        responses={202: {"model": schema.RunAnswer}, **schema.DRAWING_ERRORS},
    )
    async def accept(request: Request) -> Response:
        """Accept a sentence to be drawn; the answer comes at once, the picture later."""
        asked = await read_request(request)
        if asked.stream or not asked.store:
            name = "stream" if asked.stream else "store"
            raise InputError(f"{name}: a run is kept and followed by its events; leave it out", param=name)
        row, _ = await service.accept(asked, owner=owner_of(request), key=read_key(request.headers))
        return _accepted(row)

    @router.post(
        "/v1/runs/{run}/corrections",
        status_code=202,
        openapi_extra=schema.CORRECTION_BODY,
        responses={202: {"model": schema.RunAnswer}, **schema.DRAWING_ERRORS},
    )
    async def correct(request: Request, run: RunId) -> Response:
        """Draw a finished run's candidate again with the object elsewhere: a run of its own."""
        asked, owner = await read_correction(request), owner_of(request)
        before = await service.run(run, owner)
        row, _ = await service.correct(before, asked, owner=owner, key=read_key(request.headers))
        return _accepted(row)

    @router.delete("/v1/runs/{run}", responses={200: {"model": schema.RunAnswer}, **schema.errors(404)})
    async def stop(
        request: Request,
        run: RunId,
        keep: Annotated[bool, Query(description="only stop: a run that is over stays as it is")] = False,
    ) -> Json:
        """Stop a run that goes on; remove one that is over."""
        return await _stopped(service, await service.run(run, owner_of(request)), keep=keep)

    return router


def _accepted(row: RunRow) -> JSONResponse:
    address = f"/v1/runs/{row.id}"
    told = {**run_json(row), "events": f"{address}/events"}
    return JSONResponse(told, 202, headers={"Location": address, "x-run-id": row.id})


async def _stopped(service: Service, row: RunRow, *, keep: bool) -> Json:
    if not row.is_over:
        return run_json(await service.cancel(row.id) or row)
    if keep:
        return run_json(row)
    await service.forget(row.id)
    return {**run_json(row), "deleted": True}
