"""POST /v1/images/generations: OpenAI's images API, streamed or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse

from deployments.edge import errors, schema
from deployments.edge.access import owner_of
from deployments.edge.answers import RUN_ID, generation
from deployments.edge.body import GenerationRequest, read_key, read_request
from deployments.edge.partial import Partials, completed, failed_event
from deployments.edge.service import RunFailed, Service
from deployments.playing.failures import Failure, error, failed, failure_of
from runs import RunRow


def routes(service: Service) -> APIRouter:
    """The routes over a service."""
    router = APIRouter()

    @router.post(
        "/v1/images/generations",
        openapi_extra=schema.GENERATION_BODY,
        responses={200: {"model": schema.ImagesAnswer}, **schema.DRAWING_ERRORS},
    )
    async def generate(request: Request) -> Response:
        """Draw a sentence: OpenAI's fields, and our own beside them."""
        try:
            asked = await read_request(request)
            row, is_new = await service.accept(asked, owner=owner_of(request), key=read_key(request.headers))
            if asked.stream:
                events = _stream(service, row, asked, is_new=is_new)
                return EventSourceResponse(events, headers={RUN_ID: row.id})
            return await _whole(service, row, asked, str(request.base_url), is_new=is_new)
        except Exception as error:
            return errors.answer(error)

    return router


async def _whole(
    service: Service, row: RunRow, asked: GenerationRequest, base: str, *, is_new: bool
) -> Response:
    is_over = False
    try:
        runs = await service.ended(row)
        is_over = True
        return await generation(runs, asked, base)
    except RunFailed as ended:
        is_over = True
        response = errors.answer_of(_failure(ended.row))
        response.headers[RUN_ID] = row.id
        return response
    finally:
        await _leave(service, row, asked, is_over=is_over, is_new=is_new)


async def _stream(
    service: Service, row: RunRow, asked: GenerationRequest, *, is_new: bool
) -> AsyncGenerator[bytes, None]:
    """OpenAI's events and nothing else."""
    is_over, partials = False, Partials(service, row, asked)
    try:
        async with aclosing(service.follow(row.id)) as events:
            async for event in events:
                if (partial := await partials.of(event)) is not None:
                    yield partial
        runs = await service.ended(row)
        is_over = True
        yield await asyncio.to_thread(completed, runs[0], asked)
    except RunFailed as ended:
        is_over = True
        yield failed_event(_failure(ended.row))
    except Exception as cause:
        yield failed_event(failure_of(cause))
    finally:
        await _leave(service, row, asked, is_over=is_over, is_new=is_new)


def _failure(row: RunRow) -> Failure:
    if row.status == "cancelled":
        return Failure(409, error("invalid_request_error", "run_cancelled", f"run {row.id} was cancelled"))
    return failed(row.error)


async def _leave(
    service: Service, row: RunRow, asked: GenerationRequest, *, is_over: bool, is_new: bool
) -> None:
    """Stop the run of a caller that left before its end, and forget one that was not to be kept."""
    if not is_over and is_new:
        await asyncio.shield(service.cancel(row.id))
    if is_over and not asked.store:
        await asyncio.shield(service.forget(row.id))
