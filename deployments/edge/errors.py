"""Errors as HTTP answers, in OpenAI's shape."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from deployments.playing.failures import Failure, error, failure_of
from deployments.seeing.figures import REJECTED
from record.errors import ReCorDError
from record.shown import cut, shown


def answer(cause: BaseException) -> JSONResponse:
    """The HTTP answer for an error."""
    return answer_of(failure_of(cause))


def answer_of(failure: Failure) -> JSONResponse:
    """The HTTP answer for a failure."""
    if failure.status == 429:
        REJECTED.add(reason=str(failure.error["code"]))
    return JSONResponse({"error": failure.error}, failure.status, headers=dict(failure.headers))


def install(app: FastAPI) -> None:
    """Answer every error of `app`, unknown paths included, in the same shape."""

    async def handle(request: Request, cause: Exception) -> JSONResponse:
        return answer(cause)

    async def handle_http(request: Request, cause: HTTPException) -> JSONResponse:
        message = f"{cut(request.method)} {cut(request.url.path)}: {str(cause.detail).lower()}"
        code = "not_found" if cause.status_code == 404 else "http_error"
        told = error("invalid_request_error", code, message)
        return answer_of(Failure(cause.status_code, told, cause.headers or {}))

    async def handle_fields(request: Request, cause: RequestValidationError) -> JSONResponse:
        first = cause.errors()[0]
        name = cut(".".join(str(part) for part in first["loc"][1:]))
        message = f"{name}={shown(first.get('input'))}: {first['msg'].lower()}"
        return answer_of(Failure(400, error("invalid_request_error", "invalid_value", message, name)))

    app.add_exception_handler(RequestValidationError, handle_fields)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, handle_http)  # type: ignore[arg-type]
    for kind in (ReCorDError, Exception):  # what is known is no server error, and not logged as one
        app.add_exception_handler(kind, handle)
