from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.quality.body import is_whole, relations, where_it_belongs
from benchmarks.quality.likeness import distance
from miniature.world import draw
from record.analysis.pose import Pose
from record.types import KEYPOINTS


def pose_of(seed: int, visibility: float = 1.0) -> tuple[Pose, object]:
    drawing = draw(random.Random(seed), verb="kicking", object="ball", kind="interaction")
    points = np.zeros((len(KEYPOINTS), 3), np.float32)
    for place, name in enumerate(KEYPOINTS):
        points[place] = *drawing.joints.get(name, (0.0, 0.0)), visibility
    assert drawing.person_box is not None
    return Pose(points, drawing.person_box, drawing.person_mask), drawing.object_box


def test_a_kicked_ball_belongs_about_where_it_was_drawn() -> None:
    ious = []
    for seed in range(12):
        pose, truth = pose_of(seed)
        ious.append(where_it_belongs(pose, "kicking", "ball").iou(truth))  # type: ignore[arg-type]
    assert np.mean(ious) > 0.5
    assert len(relations("kicking", "ball")) > 50


def test_a_body_is_whole_where_every_main_joint_is_seen() -> None:
    whole, _ = pose_of(0)
    hidden, _ = pose_of(0, 0.2)
    assert is_whole(whole) and not is_whole(hidden)


def test_the_distance_of_normal_crowds_is_that_of_means_and_spreads() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(0, 1, (20_000, 3))
    assert distance(one, one) == pytest.approx(0, abs=1e-6)
    # Means 2 apart in one direction, spreads 1 and 3 there: 4 + (1 - 3)^2.
    other = one * np.array([3.0, 1.0, 1.0]) + np.array([2.0, 0.0, 0.0])
    assert distance(one, other) == pytest.approx(8, rel=0.05)
