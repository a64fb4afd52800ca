"""One recorder, many threads: each has its picture."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from miniature import WEIGHTS
from record.local import ReCorD

pytestmark = pytest.mark.slow


def test_threads_that_share_a_recorder_each_have_their_picture() -> None:
    recorder = ReCorD.from_pretrained(WEIGHTS / "diffusion")

    def draw(seed: int) -> np.ndarray:
        return np.asarray(recorder("a woman is kicking a ball", method="plain", steps=2, seed=seed).image)

    alone = [draw(seed) for seed in range(3)]
    pool = ThreadPoolExecutor(3)
    drawn = [one.result(timeout=120) for one in [pool.submit(draw, seed) for seed in range(3)]]
    pool.shutdown()
    assert all(np.array_equal(one, other) for one, other in zip(drawn, alone, strict=True))
    assert not np.array_equal(alone[0], alone[1])
