"""Errors as HTTP answers: OpenAI's shape, a status code, and never an inside view."""

from __future__ import annotations

import logging
import uuid

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from ray.exceptions import TaskCancelledError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError
from starlette.exceptions import HTTPException

from deployments.edge.answers import error_json
from deployments.edge.calls import LOST
from record.errors import (
    DeadlineError,
    InputError,
    OverloadedError,
    PromptError,
    ReasoningError,
    TrajectoryError,
    UpstreamError,
)
from record.shown import cut, shown

RETRY_AFTER_S = 2
NO_RETRY = {"x-should-retry": "false"}
"""Tells OpenAI's clients, which repeat a 408 by themselves, that a repeat would only take as long again."""
MALFORMED = frozenset({"empty_prompt", "prompt_too_long"})
"""Codes of prompts that cannot be read at all (400); the others were read and make no picture (422)."""
STATUS = {
    "model_not_found": 404,
    "body_timeout": 408,
    "body_too_large": 413,
    "unsupported_media_type": 415,
}
"""By the code of an error of the caller's, where it is not 400."""

log = logging.getLogger("ray.serve")


def answer(error: BaseException) -> JSONResponse:
    """The HTTP answer for an error; what is not known becomes an opaque 500 whose id is in the log."""
    if isinstance(error, BaseExceptionGroup):
        return answer(error.exceptions[0])
    if isinstance(error, InputError):
        status = 422 if isinstance(error, PromptError) and error.code not in MALFORMED else 400
        body = error_json("invalid_request_error", error.code, str(error), error.param)
        return JSONResponse(body, STATUS.get(error.code, status))
    if isinstance(error, BackPressureError | OverloadedError):
        return _later(429, "rate_limit_error", "overloaded", "every replica is busy and the queue is full")
    if isinstance(error, (*LOST, DeploymentUnavailableError, TaskCancelledError)):
        return _later(503, "server_error", "not_ready", "a part of the service is starting or was lost")
    if isinstance(error, TimeoutError | DeadlineError):
        body = error_json(
            "server_error", "timeout", "the request took too long: ask for fewer steps or candidates"
        )
        return JSONResponse(body, 408, headers=NO_RETRY)
    if isinstance(error, ReasoningError | UpstreamError):
        return JSONResponse(error_json("server_error", error.code, str(error)), 502)
    if isinstance(error, TrajectoryError):
        return JSONResponse(error_json("server_error", error.code, str(error)), 500)
    number = uuid.uuid4().hex[:12]
    log.error("error %s", number, exc_info=error)
    return JSONResponse(
        error_json("server_error", "internal_error", f"internal error {number}: see the log"), 500
    )


def install(app: FastAPI) -> None:
    """Answer every error of `app`, unknown paths included, in the same shape."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        return answer(error)

    async def handle_http(request: Request, error: HTTPException) -> JSONResponse:
        message = f"{cut(request.method)} {cut(request.url.path)}: {str(error.detail).lower()}"
        body = error_json(
            "invalid_request_error", "not_found" if error.status_code == 404 else "http_error", message
        )
        return JSONResponse(body, error.status_code, error.headers)

    async def handle_fields(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        name = cut(".".join(str(part) for part in first["loc"][1:]))
        message = f"{name}={shown(first.get('input'))}: {first['msg'].lower()}"
        return JSONResponse(error_json("invalid_request_error", "invalid_value", message, name), 400)

    app.add_exception_handler(RequestValidationError, handle_fields)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, handle_http)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, handle)


def _later(status: int, kind: str, code: str, message: str) -> JSONResponse:
    body = error_json(kind, code, f"{message}: try again in {RETRY_AFTER_S} s")
    return JSONResponse(body, status, headers={"Retry-After": str(RETRY_AFTER_S)})
