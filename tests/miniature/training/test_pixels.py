from __future__ import annotations

import numpy as np
import pytest

from miniature.training.pixels import reduced


def test_pictures_are_reduced_by_means() -> None:
    pictures = np.zeros((1, 256, 256, 3), np.uint8)
    pictures[0, ::2, ::2] = 200
    assert (reduced(pictures, 128) == 50).all() and reduced(pictures, 128).shape == (1, 128, 128, 3)
    assert reduced(pictures, 256) is pictures


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 100"):
        reduced(np.zeros((1, 128, 128, 3), np.uint8), 100)
