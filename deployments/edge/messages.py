"""The few typed payloads that cross a border: HTTP bodies, and what a checkpoint says of itself."""

from __future__ import annotations

import base64
import difflib
import io
from dataclasses import dataclass
from typing import Any, Literal, Self

from PIL import Image as PILImage
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from record.errors import InputError
from record.facts import Facts
from record.geometry import Box
from record.reading.prompt import Triplet
from record.settings import Settings
from record.story.run import Run
from record.types import Image


@dataclass(frozen=True)
class Checkpoint:
    """What the diffusion replicas serve: the picture's size in pixels and the folder's own facts."""

    width: int
    height: int
    facts: Facts

    @property
    def size(self) -> str:
        """As OpenAI's images API writes it."""
        return f"{self.width}x{self.height}"


class TripletBody(BaseModel):
    """Who does what with what, where the sentence should not be read for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(min_length=1)
    verb: str = Field(min_length=1)
    object: str = Field(min_length=1)
    preposition: str = ""


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
        own = {name for name in cls.model_fields if name != "settings"}
        for name in body:
            if name not in own and name not in Settings.model_fields:
                raise InputError(
                    _unknown(name, own | set(Settings.model_fields)), param=name, code="unknown_field"
                )
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


def image_json(run: Run, *, trace: bool) -> dict[str, Any]:
    """One entry of an answer's `data`: the PNG, and in `record` what led to it."""
    record = run.to_json()
    if trace:
        for name, drawn in (("candidates", run.candidates), ("corrections", run.corrections)):
            record[name] = [{"seed": one.seed, "b64_json": png_base64(one.image)} for one in drawn]
    else:
        record.pop("events")
    return {"b64_json": _encode(run.image), "revised_prompt": run.prompt.text, "record": record}


def error_json(kind: str, code: str, message: str, param: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients expect it."""
    return {"error": {"type": kind, "code": code, "message": message, "param": param}}


def png_base64(image: Image) -> str:
    """A uint8 H x W x 3 picture as base64 PNG."""
    return _encode(PILImage.fromarray(image))


def read_picture(data: str) -> PILImage.Image:
    """A base64 picture in RGB; ValueError where it is none."""
    try:
        return PILImage.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    except OSError as error:
        raise ValueError(f"this is not a picture: {error}") from error


def _encode(image: PILImage.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _unknown(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"known fields: {', '.join(sorted(known))}"
    return f"unknown field {name!r}: {remedy}"
