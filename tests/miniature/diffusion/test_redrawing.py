from __future__ import annotations

import random

import numpy as np
import pytest

from miniature.diffusion.redrawing import Redrawer
from miniature.training.augment import soften
from miniature.vlm.export import WEIGHTS
from miniature.vlm.scenes import others, scenes
from miniature.world import REPORTED, draw

DIFFUSION = WEIGHTS.parent / "diffusion"


@pytest.fixture(scope="module")
def redrawer() -> Redrawer:
    return Redrawer.of(DIFFUSION)


@pytest.mark.slow
def test_what_is_drawn_again_is_the_same_picture_in_another_look(redrawer: Redrawer) -> None:
    drawing, other = (draw(random.Random(seed), kind="interaction") for seed in (1, 2))
    pictures = np.stack([drawing.image, other.image])
    again = redrawer(pictures, [drawing.caption, other.caption], seed=3)
    assert np.array_equal(again, redrawer(pictures, [drawing.caption, other.caption], seed=3))
    apart = np.abs(again.astype(float) - pictures).mean(axis=(1, 2, 3))
    strangers = np.abs(again[::-1].astype(float) - pictures).mean(axis=(1, 2, 3))
    assert (apart > 1).all() and (apart < strangers / 2).all()


@pytest.mark.slow
def test_without_a_caption_a_picture_is_only_softened(redrawer: Redrawer) -> None:
    pictures = draw(random.Random(1), kind="person").image[None]
    seed = random.Random(3).getrandbits(31)
    assert np.array_equal(redrawer(pictures, [""], seed=3), soften(redrawer.pipe.vae, pictures, seed=seed))


def test_reported_pairs_are_never_shown_and_broken_people_never_drawn_again() -> None:
    found = scenes(60, seed=1)
    shots = [shot for scene in found for shot in scene.shots] + others(20, seed=2)
    assert not {(shot.pose, shot.object) for shot in shots} & set(REPORTED)
    assert all(bool(shot.caption) == shot.is_whole for shot in shots)
