"""An HTTP request becomes a GenerationRequest: its body, and any header, is read here and nowhere else."""

from __future__ import annotations

import json
from typing import Any, Literal, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from record.errors import InputError
from record.geometry import Box
from record.nearest import remedy
from record.reading.prompt import Triplet
from record.settings import Settings


class TripletBody(BaseModel):
    """Who does what with what, where the sentence should not be read for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(min_length=1)
    verb: str = Field(min_length=1)
    object: str = Field(min_length=1)
    preposition: str = ""


NOT_IN_BODY = {"settings"}
"""Fields of a request that its JSON cannot set: those read from headers belong here."""


class GenerationRequest(BaseModel):
    """Body of POST /v1/images/generations: OpenAI's fields, then our own; the rest are settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: str
    model: str | None = None
    n: int = Field(1, ge=1, description="pictures; each has candidates of its own")
    size: str | None = None
    response_format: Literal["b64_json"] | None = None
    user: str | None = None
    triplet: TripletBody | None = None
    box: list[float] | None = Field(None, min_length=4, max_length=4, description="x0, y0, x1, y1 in 0..1")
    trace: bool = Field(False, description="answer with every event and every picture that was drawn")
    settings: dict[str, Any] = Field(default_factory=dict, exclude=True)

    @classmethod
    def read(cls, body: object) -> Self:
        """Check a request's JSON; InputError names the field and the remedy."""
        if not isinstance(body, dict):
            raise InputError('the body must be a JSON object such as {"prompt": "a man is kicking a ball"}')
        own = cls.model_fields.keys() - NOT_IN_BODY
        for name in body:
            if name not in own and name not in Settings.model_fields:
                told = remedy(name, own | set(Settings.model_fields), "fields")
                raise InputError(f"unknown field {name!r}: {told}", param=name, code="unknown_field")
        settings = {name: value for name, value in body.items() if name not in own}
        try:
            return cls(**{name: body[name] for name in own & body.keys()}, settings=settings)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            if first["type"] == "missing":
                raise InputError(f"{name} is missing: say who does what with what", param=name) from error
            raise InputError(
                f"{name}={_short(first['input'])}: {first['msg'].lower()}", param=name
            ) from error

    def triplet_given(self) -> Triplet | None:
        """The caller's triplet, if any."""
        if self.triplet is None:
            return None
        return Triplet(self.triplet.subject, self.triplet.verb, self.triplet.object, self.triplet.preposition)

    def box_given(self) -> Box | None:
        """The caller's object box, if any; InputError where it is not a box inside the picture."""
        if self.box is None:
            return None
        box = Box.of(self.box)
        if not box.is_inside:
            raise InputError(
                f"box={self.box}: give x0, y0, x1, y1 between 0 and 1, of some area", param="box"
            )
        return box


async def read_request(request: Request) -> GenerationRequest:
    """What an HTTP request asks for; InputError for what cannot be read.

    A header that changes what is drawn is read here, and becomes a field of GenerationRequest.
    """
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise InputError(f"the body is not JSON ({error})", code="invalid_json") from error
    return GenerationRequest.read(body)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
