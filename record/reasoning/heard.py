"""What passes between an agent and its model, for whoever wants to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from record.types import Json

PICTURE: Json = {"type": "text", "text": "<picture>"}
"""Stands where a picture was sent."""


@dataclass(frozen=True)
class Exchange:
    """A question by its name (poses, layout, verdict), the messages without pictures, and the answer."""

    question: str
    messages: tuple[Json, ...]
    answer: str


def without_pictures(messages: Sequence[Json]) -> tuple[Json, ...]:
    """The same messages with a word for every picture."""
    return tuple({**message, "content": _text_of(message["content"])} for message in messages)


def _text_of(content: object) -> object:
    if not isinstance(content, list):
        return content
    return [part if part.get("type") == "text" else PICTURE for part in content]
