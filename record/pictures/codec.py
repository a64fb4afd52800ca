"""Pictures as PNG and back: as bytes, as base64, which images APIs write, and as data: URIs, as chats do."""

from __future__ import annotations

import base64
import io

from PIL import Image

from record.types import Picture

URI_HEAD = "data:image/png;base64,"


def to_png(image: Image.Image | Picture) -> bytes:
    """A picture (PIL, or uint8 H x W x 3) as PNG."""
    shown = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    shown.save(buffer, format="PNG")
    return buffer.getvalue()


def from_bytes(data: bytes) -> Image.Image:
    """A picture's file of any format in RGB; ValueError where it is none."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except OSError as error:
        raise ValueError(f"this is not a picture: {error}") from error


def encode(image: Image.Image | Picture) -> str:
    """A picture (PIL, or uint8 H x W x 3) as base64 PNG."""
    return base64.b64encode(to_png(image)).decode("ascii")


def decode(data: str) -> Image.Image:
    """A base64 picture of any format in RGB; ValueError where it is none."""
    return from_bytes(base64.b64decode(data))


def to_uri(image: Image.Image | Picture) -> str:
    """A picture as a PNG data: URI."""
    return URI_HEAD + encode(image)


def from_uri(uri: str) -> Image.Image:
    """The picture of a base64 data: URI, as RGB; ValueError for any other address."""
    head, comma, body = uri.partition(",")
    if not (comma and head.startswith("data:image/") and head.endswith(";base64")):
        raise ValueError(f"only data:image/...;base64 addresses are read here, got {uri[:40]!r}")
    return decode(body)
