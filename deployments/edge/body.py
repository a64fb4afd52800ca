"""An HTTP request becomes a GenerationRequest: its body, and any header, is read here and nowhere else."""

from __future__ import annotations

import math
from typing import Any, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import Headers

from deployments.edge.fields import REASONS, ImageFields
from deployments.edge.limits import read_json
from deployments.edge.proxied import TIMEOUT, TIMEOUT_WITHIN
from record.errors import InputError
from record.geometry import Box
from record.nearest import remedy
from record.reading.prompt import Triplet
from record.settings import Settings
from record.shown import shown


class TripletBody(BaseModel):
    """Who does what with what, where the sentence should not be read for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    subject: str = Field(min_length=1, max_length=100)
    verb: str = Field(min_length=1, max_length=100)
    object: str = Field(min_length=1, max_length=100)
    preposition: str = Field("", max_length=100)


NOT_IN_BODY = frozenset({"settings", "timeout_s"})
"""Fields of a request that its JSON cannot set: those read from headers belong here."""


class GenerationRequest(ImageFields):
    """Body of POST /v1/images/generations: OpenAI's fields, then our own; the rest are settings."""

    triplet: TripletBody | None = Field(
        None, description="words of the prompt, where the sentence should not be read for them"
    )
    box: list[float] | None = Field(
        None,
        min_length=4,
        max_length=4,
        description="where the object belongs: x0, y0, x1, y1 in 0..1 of the picture; proposed if left out",
        json_schema_extra={"items": {"type": "number", "minimum": 0, "maximum": 1}},
    )
    trace: bool = Field(False, description="answer with every event and every picture that was drawn")
    settings: dict[str, Any] = Field(default_factory=dict, exclude=True)
    timeout_s: float | None = Field(None, exclude=True, description="seconds the caller will wait")

    @classmethod
    def read(cls, body: object, timeout_s: float | None = None) -> Self:
        """Check a request's JSON, where null is as if left out; InputError names field and remedy."""
        if not isinstance(body, dict):
            raise InputError('the body must be a JSON object such as {"prompt": "a man is kicking a ball"}')
        own = cls.model_fields.keys() - NOT_IN_BODY
        for name in body:
            if name not in own and name not in Settings.model_fields:
                told = remedy(name, own | set(Settings.model_fields), "fields")
                raise InputError(f"unknown field {shown(name)}: {told}", param=name, code="unknown_field")
        given = {name: value for name, value in body.items() if value is not None}
        settings = {name: value for name, value in given.items() if name not in own}
        Settings.build(settings, strict=True)
        fields = {name: given[name] for name in own & given.keys()}
        try:
            asked = cls(**fields, settings=settings, timeout_s=timeout_s)
        except ValidationError as error:
            raise _explained(error) from error
        asked.check_together()
        return asked

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
                f"box={shown(self.box)}: give x0, y0, x1, y1 between 0 and 1, of some area", param="box"
            )
        return box

    def within_s(self, most: float) -> float:
        """Seconds this request may take: what the caller said, and never more than `most`."""
        return most if self.timeout_s is None else min(most, self.timeout_s)


async def read_request(request: Request) -> GenerationRequest:
    """What an HTTP request asks for; InputError for what cannot be read.

    A header that changes what is drawn is read here, and becomes a field of GenerationRequest.
    """
    return GenerationRequest.read(await read_json(request), read_timeout(request.headers))


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


def _explained(error: ValidationError) -> InputError:
    """The first thing that is wrong, in our words."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return InputError(f"{name} is missing: say who does what with what", param=name)
    reason = REASONS.get(name)
    told = f"{name}={shown(first['input'])}: {first['msg'].lower()}"
    return InputError(f"{told}: {reason}" if reason else told, param=name)
