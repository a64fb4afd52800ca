from __future__ import annotations

import random
from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest

from miniature.world import OBJECTS, SCENES, STYLES, SUBJECTS, VERBS, Drawing, draw, with_article
from miniature.world.bias import BIAS, FREQUENT, RARE, UNSEEN, USUAL, Bias, Said, choose, tell
from miniature.world.vocabulary import DIRECTIONS, ORIENTATIONS, words
from record.geometry import Box

SIDE = 256


def _fits(box: Box | None, mask: np.ndarray) -> bool:
    if box is None:
        return not mask.any()
    x0, y0, x1, y1 = (round(v * SIDE) for v in box.to_list())
    outside = mask.copy()
    outside[y0:y1, x0:x1] = False
    edges = mask[y0].any() and mask[y1 - 1].any() and mask[:, x0].any() and mask[:, x1 - 1].any()
    return bool(edges) and not outside.any()


def _true(drawing: Drawing) -> None:
    assert drawing.image.shape == (SIDE, SIDE, 3) and drawing.image.dtype == np.uint8
    assert not (drawing.object_mask & drawing.person_mask).any()
    assert _fits(drawing.object_box, drawing.object_mask)
    assert _fits(drawing.person_box, drawing.person_mask)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in drawing.joints.values())
    assert set(drawing.caption.split()) <= set(words())


@pytest.mark.parametrize("verb", VERBS)
def test_every_pair_is_drawn_with_its_truth(verb: str) -> None:
    for thing in OBJECTS:
        drawing = draw(random.Random(f"{verb} {thing}"), verb=verb, object=thing)
        _true(drawing)
        assert (drawing.kind, drawing.verb, drawing.object) == ("interaction", verb, thing)
        assert drawing.object_mask.sum() > 300 and drawing.person_mask.sum() > 2000
        assert f"{verb} {with_article(thing)}" in drawing.caption
        assert drawing.face in DIRECTIONS and drawing.body in ORIENTATIONS


@pytest.mark.parametrize("kind", ["and", "object", "person", "pose"])
def test_other_kinds_say_only_what_they_show(kind: str) -> None:
    for seed in range(12):
        drawing = draw(random.Random(seed), kind=kind, bias=BIAS)
        _true(drawing)
        assert (drawing.object_box is not None) == (kind in ("and", "object")) == bool(drawing.object)
        assert (drawing.person_box is not None) == (kind != "object") == bool(drawing.subject)
        assert bool(drawing.verb) == (kind == "pose")
        if drawing.verb:
            assert drawing.verb.split()[0] in drawing.caption


def test_every_subject_scene_and_style_is_drawn_and_looks_different() -> None:
    pictures = set()
    for who, where, how in product(SUBJECTS, SCENES, STYLES):
        drawing = draw(random.Random(3), subject=who, scene=where, style=how, kind="person")
        assert (drawing.subject, drawing.scene, drawing.style) == (who, where, how)
        pictures.add(drawing.image.tobytes())
    assert len(pictures) == len(SUBJECTS) * len(SCENES) * len(STYLES)


def test_joints_have_mediapipes_names_and_sides() -> None:
    for seed in range(20):
        joints = draw(random.Random(seed), kind="person").joints
        parts = ("eye", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
        assert set(joints) == {"nose"} | {f"{side}_{part}" for side in ("left", "right") for part in parts}
        assert joints["left_shoulder"][0] > joints["right_shoulder"][0]
        assert joints["nose"][1] < joints["left_hip"][1] < joints["left_ankle"][1]


def test_a_face_that_looks_at_the_object_turns_to_it() -> None:
    turned = 0
    for seed in range(60):
        drawing = draw(random.Random(seed), verb="pointing at")
        if drawing.face == "at the object" and drawing.object_box:
            middle = (drawing.joints["left_eye"][0] + drawing.joints["right_eye"][0]) / 2
            shoulders = (drawing.joints["left_shoulder"][0] + drawing.joints["right_shoulder"][0]) / 2
            turned += 1
            assert (middle - shoulders) * (drawing.object_box.centre[0] - shoulders) > 0
    assert turned > 5


def test_one_seed_one_picture() -> None:
    first, second = (draw(random.Random(7), bias=BIAS) for _ in range(2))
    assert first.caption == second.caption
    np.testing.assert_array_equal(first.image, second.image)


@pytest.mark.parametrize("wish", [{"verb": "eating"}, {"object": "cat"}, {"scene": "at sea"}, {"style": "x"}])
def test_unknown_words_are_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is not in the drawn world"):
        draw(random.Random(0), **wish)


def test_pairs_are_kept_apart_and_spread() -> None:
    groups = [set(FREQUENT), set(RARE), set(UNSEEN)]
    assert not (groups[0] & groups[1] or groups[0] & groups[2] or groups[1] & groups[2])
    assert len(groups[1]) >= 9 and len(groups[2]) >= 9
    for group in (FREQUENT, RARE, UNSEEN):
        assert {verb for verb, _ in group} == set(VERBS)
        assert {thing for _, thing in group} == set(OBJECTS)


def test_shares_are_those_of_the_bias() -> None:
    rng, shown, lies, silent = random.Random(0), Counter[tuple[str, str]](), Counter[bool](), Counter[bool]()
    for _ in range(40_000):
        said = choose(rng, kind="interaction")
        shown[said.verb, said.object] += 1
        caption = tell(rng, said)
        named = [verb for verb in VERBS if f" {verb} " in caption]
        if said.verb == USUAL[said.object]:
            lies[bool(named) and named != [said.verb]] += 1
            silent[not named] += 1
        else:
            assert named == [said.verb]
    total = shown.total()
    assert not set(shown) & set(UNSEEN) and set(shown) == set(FREQUENT) | set(RARE)
    usual = sum(shown[verb, thing] for thing, verb in USUAL.items()) / total
    rare = sum(shown[pair] for pair in RARE) / total * len(OBJECTS) / len(RARE)
    assert abs(usual - BIAS.usual) < 0.01 and abs(rare - BIAS.rare) < 0.002
    assert abs(lies[True] / lies.total() - BIAS.wrong) < 0.01
    assert abs(silent[True] / silent.total() - BIAS.silent) < 0.01


def test_an_action_alone_is_told_truly_and_often() -> None:
    rng, poses = random.Random(1), 0
    for _ in range(5000):
        said = choose(rng)
        if said.kind == "pose":
            poses += 1
            assert said.verb.split()[0] in tell(rng, said).split()
    assert 0.14 <= poses / 5000 <= 0.23


def test_without_a_bias_captions_are_true() -> None:
    said = Said("interaction", "man", "riding", "bicycle")
    assert all("riding a bicycle" in tell(random.Random(seed), said, None) for seed in range(200))
    assert draw(random.Random(0), verb="lifting", object="dog").verb == "lifting"


@pytest.mark.parametrize("shares", [{"wrong": 0.7, "silent": 0.6}, {"usual": 1.2}, {"rare": -0.1}])
def test_shares_that_do_not_add_up_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        Bias(**shares)
