"""Arrays as bytes and back, without pickle: pictures as PNG, the rest as NumPy writes it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from record.pictures import codec
from record.types import Picture

PNG = "image/png"
NPY = "application/x-npy"


def to_bytes(array: npt.NDArray[Any]) -> tuple[bytes, str]:
    """An array's bytes and their media type: a picture (uint8, H x W x 3) as PNG, any other as .npy.

    ValueError for an array of objects.
    """
    if array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 3 and array.size:
        return codec.to_bytes(array), PNG
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue(), NPY


def from_bytes(data: bytes, media_type: str) -> npt.NDArray[Any]:
    """The array that `to_bytes` wrote; ValueError for bytes that are none."""
    if media_type == PNG:
        picture: Picture = np.asarray(codec.from_bytes(data))
        return picture
    if media_type != NPY:
        raise ValueError(f"{media_type!r} holds no array: {PNG} and {NPY} do")
    try:
        array: npt.NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    except EOFError as error:
        raise ValueError("these bytes end too early for an array") from error
    return array
