from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from miniature.world import FREQUENT, OBJECTS, RARE, SUBJECTS, UNSEEN, VERBS, draw
from miniature.world.draw import _choose_words
from miniature.world.vocabulary import RARE_SHARE, with_article, words
from record.geometry import Box


def _inside(box: Box, mask: np.ndarray) -> bool:
    x0, y0, x1, y1 = (round(v * 128) for v in box.to_list())
    outside = mask.copy()
    outside[y0:y1, x0:x1] = False
    edges = mask[y0].any() and mask[y1 - 1].any() and mask[:, x0].any() and mask[:, x1 - 1].any()
    return bool(edges) and not outside.any()


@pytest.mark.parametrize(("verb", "thing"), FREQUENT + RARE + UNSEEN)
def test_truth_fits_the_picture(verb: str, thing: str) -> None:
    drawing = draw(random.Random(f"{verb} {thing}"), verb=verb, object=thing)
    assert (drawing.kind, drawing.verb, drawing.object) == ("interaction", verb, thing)
    assert drawing.image.shape == (128, 128, 3) and drawing.image.dtype == np.uint8
    assert not (drawing.object_mask & drawing.person_mask).any()
    assert drawing.object_box and _inside(drawing.object_box, drawing.object_mask)
    assert drawing.person_box and _inside(drawing.person_box, drawing.person_mask)
    assert drawing.object_mask.sum() > 60
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in drawing.joints.values())
    assert f"{verb} {with_article(thing)}" in drawing.caption


def test_joints_have_mediapipes_names_and_sides() -> None:
    for seed in range(20):
        joints = draw(random.Random(seed), kind="person").joints
        parts = ("eye", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        assert set(joints) == {"nose"} | {f"{side}_{part}" for side in ("left", "right") for part in parts}
        assert joints["left_shoulder"][0] > joints["right_shoulder"][0]
        assert joints["nose"][1] < joints["left_hip"][1] < joints["left_ankle"][1]


def test_one_seed_one_picture() -> None:
    first, second = (draw(random.Random(7)) for _ in range(2))
    assert first.caption == second.caption
    np.testing.assert_array_equal(first.image, second.image)


def test_training_never_chooses_an_unseen_pair_and_seldom_a_rare_one() -> None:
    rng, seen = random.Random(0), Counter[tuple[str, str]]()
    for _ in range(60_000):
        said = _choose_words(rng, None, None, None, None, None)
        if said.kind == "interaction":
            seen[said.verb, said.object] += 1
    assert not set(seen) & set(UNSEEN)
    assert set(FREQUENT) <= set(seen) <= set(FREQUENT) | set(RARE)
    rare = sum(seen[pair] for pair in RARE)
    assert 0.5 * RARE_SHARE < rare / seen.total() < 2 * RARE_SHARE
    assert min(seen[pair] for pair in FREQUENT) > 5 * max(seen[pair] for pair in RARE)


def test_pairs_are_kept_apart() -> None:
    assert not (set(FREQUENT) & set(RARE) or set(FREQUENT) & set(UNSEEN) or set(RARE) & set(UNSEEN))
    assert {verb for verb, _ in FREQUENT} == set(VERBS)
    assert {thing for _, thing in FREQUENT} == set(OBJECTS)
    assert draw(random.Random(0), pairs=UNSEEN).object in {thing for _, thing in UNSEEN}


@pytest.mark.parametrize("kind", ["and", "object", "person", "pose"])
def test_other_kinds_say_only_what_they_show(kind: str) -> None:
    for seed in range(15):
        drawing = draw(random.Random(seed), kind=kind)
        assert (drawing.object_box is not None) == (kind in ("and", "object")) == bool(drawing.object)
        assert (drawing.person_box is not None) == (kind != "object") == bool(drawing.subject)
        assert bool(drawing.verb) == (kind == "pose")
        assert set(drawing.caption.split()) <= set(words())


def test_subjects_look_different() -> None:
    pictures = [draw(random.Random(3), kind="person", subject=who).image for who in SUBJECTS]
    assert len({picture.tobytes() for picture in pictures}) == len(SUBJECTS)


@pytest.mark.parametrize("wish", [{"subject": "cat"}, {"verb": "eating"}, {"object": "cup"}])
def test_unknown_words_are_named(wish: dict[str, str]) -> None:
    (word,) = wish.values()
    with pytest.raises(ValueError, match=word):
        draw(random.Random(0), **wish)  # type: ignore[arg-type]
