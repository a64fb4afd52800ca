from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from record.types import NO_PICTURE
from runs.arrays import NPY, PNG, from_bytes, to_bytes

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.integers(0, 256, (7, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("array", "media_type"),
    [
        (PICTURE, PNG),
        (NO_PICTURE, NPY),
        (RANDOM.random((4, 4), np.float32), NPY),
        (RANDOM.random((3, 2, 4)).astype(np.float16), NPY),
        (PICTURE[..., 0] > 100, NPY),
        (np.asfortranarray(RANDOM.random((3, 2))), NPY),
        (np.float64(3), NPY),
    ],
)
def test_arrays_come_back_as_they_were(array: npt.NDArray[Any], media_type: str) -> None:
    data, told = to_bytes(array)
    back = from_bytes(data, told)
    assert told == media_type
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array, strict=True)


def test_objects_are_refused_both_ways() -> None:
    with pytest.raises(ValueError, match="Object arrays"):
        to_bytes(np.array([{}]))


@pytest.mark.parametrize("media_type", [PNG, NPY, "text/plain"])
@pytest.mark.parametrize("data", [b"", b"nonsense"])
def test_other_bytes_are_refused(data: bytes, media_type: str) -> None:
    with pytest.raises(ValueError):
        from_bytes(data, media_type)


@pytest.mark.parametrize("array", [PICTURE, PICTURE * 1.0])
def test_bytes_cut_short_are_refused(array: npt.NDArray[Any]) -> None:
    data, media_type = to_bytes(array)
    with pytest.raises(ValueError):
        from_bytes(data[: len(data) // 2], media_type)
