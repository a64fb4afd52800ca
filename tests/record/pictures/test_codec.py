"""Pictures as text and back."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from record.pictures.codec import Encoding, Format, decode, encode, from_uri, reduced, to_bytes, to_uri

PICTURE = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)


@pytest.mark.parametrize("picture", [PICTURE, Image.fromarray(PICTURE)])
def test_a_picture_survives_as_text(picture: Image.Image) -> None:
    assert np.array_equal(np.asarray(decode(encode(picture))), PICTURE)


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
def test_quality_costs_bytes_and_mends_pictures(kind: Format) -> None:
    files = [to_bytes(PICTURE, Encoding(kind, quality)) for quality in (0, 50, 100)]
    assert [Image.open(io.BytesIO(file)).format for file in files] == [kind.upper()] * 3
    assert len(files[0]) < len(files[1]) < len(files[2])
    errors = [
        np.abs(np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), float) - PICTURE).mean()
        for file in files
    ]
    assert errors[0] > errors[2] and Encoding(kind).media_type == f"image/{kind}"


@pytest.mark.parametrize(("side", "size"), [(4, (3, 4)), (8, (6, 8)), (100, (6, 8)), (1, (1, 1))])
def test_a_reduced_picture_keeps_its_shape_and_is_never_enlarged(side: int, size: tuple[int, int]) -> None:
    small = Image.open(io.BytesIO(reduced(to_bytes(PICTURE), side)))
    assert (small.format, small.size) == ("WEBP", size)


def test_what_is_no_picture_cannot_be_reduced() -> None:
    with pytest.raises(ValueError, match="not a picture"):
        reduced(b"text", 8)


def test_a_picture_survives_its_address() -> None:
    head, body = to_uri(PICTURE).split(",")
    assert head == "data:image/png;base64"
    back = Image.open(io.BytesIO(base64.b64decode(body)))
    assert np.array_equal(np.asarray(back), PICTURE)


@pytest.mark.parametrize("address", ["https://example.org/a.png", "data:text/plain;base64,AA==", "a.png"])
def test_other_addresses_are_not_opened(address: str) -> None:
    with pytest.raises(ValueError, match="data:image"):
        from_uri(address)


def test_an_address_becomes_a_colour_picture() -> None:
    picture = from_uri(to_uri(np.full((16, 16, 3), 10, dtype=np.uint8)))
    assert isinstance(picture, Image.Image)
    assert picture.mode == "RGB"


@pytest.mark.parametrize("text", ["aGVsbG8=", "a", "\u00e4"])
def test_text_that_is_no_picture_is_named(text: str) -> None:
    with pytest.raises(ValueError):
        decode(text)


def test_a_picture_too_large_to_open_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ValueError, match="not a picture"):
        decode(encode(PICTURE))
