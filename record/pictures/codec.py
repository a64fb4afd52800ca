"""Pictures as files and back: bytes, base64, which images APIs write, and data: URIs, as chats do."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from record.types import Picture

Format = Literal["png", "jpeg", "webp"]


@dataclass(frozen=True)
class Encoding:
    """What kind of file a picture becomes; `quality` (0..100, 100 is best) is that of jpeg and webp."""

    format: Format = "png"
    quality: int = 100

    @property
    def media_type(self) -> str:
        """As HTTP names it."""
        return f"image/{self.format}"


PNG = Encoding()
SMALL = Encoding("webp", 80)
"""Of pictures that stand for larger ones."""


def to_bytes(image: Image.Image | Picture, encoding: Encoding = PNG) -> bytes:
    """A picture (PIL, or uint8 H x W x 3) as a file."""
    shown = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    options = {} if encoding.format == "png" else {"quality": encoding.quality}
    shown.save(buffer, format=encoding.format.upper(), **options)
    return buffer.getvalue()


def reduced(data: bytes, side: int) -> bytes:
    """A picture's file of any format as SMALL, at most `side` pixels wide and high; none is enlarged.

    ValueError where it is no picture.
    """
    image = from_bytes(data)
    image.thumbnail((side, side))
    return to_bytes(image, SMALL)


def from_bytes(data: bytes) -> Image.Image:
    """A picture's file of any format in RGB; ValueError where it is none."""
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"this is not a picture: {error}") from error


def encode(image: Image.Image | Picture, encoding: Encoding = PNG) -> str:
    """A picture (PIL, or uint8 H x W x 3) as base64."""
    return base64.b64encode(to_bytes(image, encoding)).decode("ascii")


def decode(data: str) -> Image.Image:
    """A base64 picture of any format in RGB; ValueError where it is none."""
    return from_bytes(base64.b64decode(data))


def to_uri(image: Image.Image | Picture, encoding: Encoding = PNG) -> str:
    """A picture as a data: URI."""
    return f"data:{encoding.media_type};base64,{encode(image, encoding)}"


def from_uri(uri: str) -> Image.Image:
    """The picture of a base64 data: URI, as RGB; ValueError for any other address."""
    head, comma, body = uri.partition(",")
    if not (comma and head.startswith("data:image/") and head.endswith(";base64")):
        raise ValueError(f"only data:image/...;base64 addresses are read here, got {uri[:40]!r}")
    return decode(body)
