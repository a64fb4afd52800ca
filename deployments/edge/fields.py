"""The fields of OpenAI's images API: each is honoured, or refused with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from record.errors import InputError
from record.pictures.codec import Encoding, Format
from record.reading.prompt import LONGEST_PROMPT

REASONS: Mapping[str, str] = {
    "quality": "what is drawn is said by steps, candidates and corrections; leave quality out",
    "background": "pictures have no transparent parts; leave background out",
    "style": "the picture is as the prompt says; say the style there and leave this field out",
    "moderation": "nothing is filtered here; leave moderation out",
}
"""What to say beside what is wrong, for fields of which OpenAI's API takes more values."""


class ImageFields(BaseModel):
    """What OpenAI's client may send; null is the same as nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    prompt: str = Field(
        description="who does what with what, such as: a woman is kicking a ball",
        json_schema_extra={"minLength": 1, "maxLength": LONGEST_PROMPT},
    )
    model: str | None = Field(None, description="the name that /v1/models tells; may be left out")
    n: int = Field(1, ge=1, description="pictures; each has candidates of its own")
    size: str | None = Field(None, description="auto, or the size that /v1/models tells; others are refused")
    response_format: Literal["b64_json", "url"] = Field(
        "b64_json", description="the picture itself, or an address of it"
    )
    output_format: Format = Field("png", description="what kind of file a picture is")
    output_compression: int = Field(
        100, ge=0, le=100, description="quality of a jpeg or webp, 100 is best; less is refused for png"
    )
    quality: Literal["auto", "standard"] = Field("auto", description="changes nothing: see steps, candidates")
    background: Literal["auto", "opaque"] = Field("auto", description="pictures are opaque")
    moderation: Literal["auto", "low"] = Field("auto", description="changes nothing: no filter here")
    style: None = Field(None, description="refused: the prompt says it")
    stream: bool = Field(False, description="answer with server-sent events; n must be 1 and data base64")
    partial_images: int = Field(0, ge=0, le=3, description="pictures on the way; with stream only")
    store: bool = Field(True, description="keep the run, so that it can be looked at afterwards")
    user: str | None = Field(None, max_length=256, description="accepted, and not looked at")
    safety_identifier: str | None = Field(None, max_length=64, description="accepted, and not looked at")

    @property
    def encoding(self) -> Encoding:
        """How the answer's pictures are written."""
        return Encoding(self.output_format, self.output_compression)

    def check_together(self) -> None:
        """InputError for fields that are right alone and not beside one another."""
        if self.output_format == "png" and self.output_compression < 100:
            raise InputError(
                f"output_compression={self.output_compression}: a png loses nothing; "
                "choose output_format jpeg or webp, or leave it out",
                param="output_compression",
            )
        if self.partial_images and not self.stream:
            raise InputError(
                f"partial_images={self.partial_images} needs stream: true; say so, or leave it out",
                param="partial_images",
            )
        if self.stream and self.n > 1:
            raise InputError(
                f"n={self.n} with stream: the events do not say which picture they are of; "
                "ask for each picture alone, or leave stream out",
                param="n",
            )
        if self.response_format == "url" and not self.store:
            raise InputError(
                "response_format='url' with store: false: the picture would be gone; leave one of them out",
                param="response_format",
            )
        if self.response_format == "url" and self.output_format != "png":
            raise InputError(
                f"output_format={self.output_format!r} with response_format='url': kept pictures are png; "
                "leave one of them out",
                param="output_format",
            )
        if self.stream and self.response_format == "url":
            raise InputError(
                "response_format='url' with stream: the events carry base64; leave one of them out",
                param="response_format",
            )
