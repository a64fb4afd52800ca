"""What /openapi.json says of requests and answers: every field with its range, settings included."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from deployments.config import IngressArgs
from deployments.edge.asked import NOT_IN_BODY, Asked
from deployments.edge.body import CorrectionRequest, GenerationRequest
from deployments.edge.limits import MAX_STRING
from record.pictures.codec import Format
from record.settings import Settings
from record.types import Json

REF = "#/components/schemas/{model}"
PLAIN = r"^[^\u0000-\u001f\u007f-\u009f]*$"
"""Texts without control characters."""
TOLD = (
    "A sentence, and how it becomes a picture: OpenAI's fields, our own, and settings. null is as if left "
    "out; /v1/models tells what each setting becomes then."
)
GENERATION_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": REF.format(model="GenerationRequest")}}},
    }
}
"""For the `openapi_extra` of a route that reads a GenerationRequest."""

CORRECTION_BODY: Json = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": REF.format(model="CorrectionRequest")}}},
    }
}
"""The same for one that reads a CorrectionRequest."""


class ErrorBody(BaseModel):
    """An error as OpenAI's API tells it."""

    type: str = Field(description="whose fault it is: invalid_request_error, rate_limit_error, server_error")
    code: str = Field(description="what is wrong, in one word")
    message: str = Field(description="what is wrong and what to do about it")
    param: str | None = Field(description="the field to change, if it is one")


class ErrorAnswer(BaseModel):
    """Every answer that is not a success."""

    error: ErrorBody


class ImageEntry(BaseModel):
    """A picture, and what led to it."""

    b64_json: str | None = Field(None, description="the picture's file, base64")
    url: str | None = Field(None, description="the picture's address, where that was asked for")
    revised_prompt: str = Field(description="the prompt as it was read")
    run: Json = Field(description="pose, boxes, verdicts, timings; with trace also events and all pictures")


class ImagesAnswer(BaseModel):
    """Finished pictures."""

    created: int = Field(description="seconds since 1970, UTC")
    data: list[ImageEntry]
    size: str = Field(description="such as 512x512")
    output_format: Format


class RunAnswer(BaseModel, extra="allow"):
    """A run: what was asked for and what became of it."""

    id: str
    status: Literal["waiting", "running", "finished", "failed", "cancelled"]
    created: float = Field(description="seconds since 1970, UTC, as all times")
    prompt: str
    parent: str | None = Field(description="the run that this one corrects")


class RunPage(BaseModel):
    """Runs, newest first."""

    data: list[RunAnswer]
    has_more: bool
    last: str | None = Field(description="for `before` of the next page")


class Readiness(BaseModel):
    """Whether the service can draw, and the state of each of its parts."""

    ready: bool
    parts: dict[str, str]


_TOLD = {
    400: "the request cannot be read; the message names the field and the remedy",
    401: "no API key, or an unknown one",
    403: "asked from where this service does not answer without a key",
    404: "there is no such thing, or no such model",
    408: "the picture was not ready in time, or the body did not come",
    409: "the run is in a state, or the key was used, so that this cannot be done",
    413: "the body is too large",
    415: "the body is not said to be JSON",
    422: "the prompt was read and makes no picture",
    429: "too much is asked; Retry-After says when to come again",
    500: "something failed inside",
    502: "another service that was asked failed",
    503: "a part is not ready; Retry-After says when to come again",
    507: "there is no room left to keep runs",
}
Answers = dict[int | str, dict[str, Any]]


def errors(*statuses: int) -> Answers:
    """For the `responses` of a route: which errors it answers; those of access are among them."""
    wanted = sorted({401, 403, 429, *statuses})
    return {status: {"model": ErrorAnswer, "description": _TOLD[status]} for status in wanted}


DRAWING_ERRORS = errors(*_TOLD)


def install(app: FastAPI, args: IngressArgs) -> None:
    """Add to the schema of `app` the bodies that it reads by hand, and how a key is given."""
    plain = app.openapi

    def openapi() -> Json:
        if app.openapi_schema is None:
            parts = plain().setdefault("components", {})
            parts.setdefault("schemas", {}).update(request_schemas(args.max_pictures))
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema["security"] = [{"key": []}, {}]  # type: ignore[index]  # plain() has set it
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def request_schemas(max_pictures: int) -> dict[str, Json]:
    """The JSON schemas of what can be asked for and of their parts, by name."""
    parts = {**_schemas_of(GenerationRequest), **_schemas_of(CorrectionRequest)}
    whole = parts["GenerationRequest"]
    whole["properties"]["n"]["anyOf"][0]["maximum"] = max_pictures
    whole["description"] = TOLD
    whole["examples"] = [{"prompt": "a woman is kicking a ball"}]
    return {name: _without_titles(one) for name, one in parts.items()}


def _schemas_of(kind: type[Asked]) -> dict[str, Json]:
    whole = kind.model_json_schema(ref_template=REF)
    parts: dict[str, Json] = whole.pop("$defs", {})
    own = {name: one for name, one in whole["properties"].items() if name not in NOT_IN_BODY}
    settings: dict[str, Json] = Settings.model_json_schema()["properties"]
    for one in settings.values():
        one.pop("default", None)  # what is left out is the checkpoint's or the configuration's
    fields = {**settings, **own}
    whole["properties"] = {
        name: one if name in whole["required"] else _or_null(one) for name, one in fields.items()
    }
    return {kind.__name__: whole, **parts}


def _or_null(field: Json) -> Json:
    """The same field, that may also be null; its description and default stay outside."""
    if field.get("default", 0) is None:
        field = {name: value for name, value in field.items() if name != "default"}
    if "anyOf" in field or field.get("type") == "null":
        return field
    outside: Json = {name: field[name] for name in ("description", "default") if name in field}
    inside = {name: value for name, value in field.items() if name not in outside}
    return {**outside, "anyOf": [inside, {"type": "null"}]}


def _without_titles(one: Any) -> Any:
    """A schema without pydantic's titles, in which free texts have their pattern."""
    if isinstance(one, list):
        return [_without_titles(inner) for inner in one]
    if not isinstance(one, dict):
        return one
    kept = {
        name: _without_titles(value)
        for name, value in one.items()
        if not (name == "title" and isinstance(value, str))
    }
    is_free = kept.get("type") == "string" and not kept.keys() & {"enum", "const"}
    return {"maxLength": MAX_STRING, **kept, "pattern": PLAIN} if is_free else kept
