"""HTTP requests become what is asked: bodies, and any header, are read here and nowhere else."""

from __future__ import annotations

import math
from typing import ClassVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers

from deployments.edge.asked import Asked
from deployments.edge.fields import ImageFields
from deployments.edge.limits import read_json
from deployments.edge.proxied import TIMEOUT, TIMEOUT_WITHIN
from record.errors import InputError
from record.geometry import Box
from record.reading.prompt import Triplet
from record.shown import shown
from record.types import Json

LONGEST_KEY = 255
_NUMBERS: Json = {"items": {"type": "number", "minimum": 0, "maximum": 1}}


class TripletBody(BaseModel):
    """Who does what with what, where the sentence should not be read for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    subject: str = Field(min_length=1, max_length=100)
    verb: str = Field(min_length=1, max_length=100)
    object: str = Field(min_length=1, max_length=100)
    preposition: str = Field("", max_length=100)


class GenerationRequest(ImageFields, Asked):
    """Body of POST /v1/images/generations: OpenAI's fields, then our own; the rest are settings."""

    example: ClassVar[str] = '{"prompt": "a man is kicking a ball"}'

    triplet: TripletBody | None = Field(
        None, description="words of the prompt, where the sentence should not be read for them"
    )
    box: list[float] | None = Field(
        None,
        min_length=4,
        max_length=4,
        description="where the object belongs: x0, y0, x1, y1 in 0..1 of the picture; proposed if left out",
        json_schema_extra=_NUMBERS,
    )
    trace: bool = Field(False, description="answer with every event and every picture that was drawn")

    def triplet_given(self) -> Triplet | None:
        """The caller's triplet, if any."""
        if self.triplet is None:
            return None
        return Triplet(self.triplet.subject, self.triplet.verb, self.triplet.object, self.triplet.preposition)

    def box_given(self) -> Box | None:
        """The caller's object box, if any; InputError where it is not a box inside the picture."""
        return None if self.box is None else _box(self.box)


class CorrectionRequest(Asked):
    """Body of POST /v1/runs/{run}/corrections: where the object is to be, and settings that differ."""

    example: ClassVar[str] = '{"box": [0.5, 0.6, 0.8, 0.9]}'

    box: list[float] = Field(
        min_length=4,
        max_length=4,
        description="where the object belongs: x0, y0, x1, y1 in 0..1 of the picture",
        json_schema_extra=_NUMBERS,
    )
    picture: int = Field(0, ge=0, description="which of the run's pictures, numbered from 0")

    def check_together(self) -> None:
        """InputError where the box is not inside the picture."""
        self.box_given()

    def box_given(self) -> Box:
        """The object's box."""
        return _box(self.box)


async def read_request(request: Request) -> GenerationRequest:
    """What an HTTP request asks for; InputError for what cannot be read.

    A header that changes what is drawn is read here, and becomes a field of GenerationRequest.
    """
    return GenerationRequest.read(await read_json(request), read_timeout(request.headers))


async def read_correction(request: Request) -> CorrectionRequest:
    """What a request for a correction asks for; InputError for what cannot be read."""
    return CorrectionRequest.read(await read_json(request), read_timeout(request.headers))


def read_key(headers: Headers) -> str | None:
    """The idempotency key, if one is given; InputError for one that is too long, or no plain text."""
    key = headers.get("idempotency-key")
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise InputError(
            f"Idempotency-Key: {shown(key)}: give 1 to {LONGEST_KEY} printable characters, or leave it out",
            param="Idempotency-Key",
        )
    return key


def read_timeout(headers: Headers) -> float | None:
    """Seconds that the caller will wait, if it says so; InputError for what is no time."""
    given = headers.get(TIMEOUT_WITHIN, headers.get(TIMEOUT))
    if given is None:
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"{TIMEOUT}: {shown(given)}: give seconds above 0, or leave it out", param=TIMEOUT)
    return seconds


def _box(given: list[float]) -> Box:
    box = Box.of(given)
    if not box.is_inside:
        raise InputError(
            f"box={shown(given)}: give x0, y0, x1, y1 between 0 and 1, of some area", param="box"
        )
    return box
