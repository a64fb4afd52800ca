"""Finding people, with the real pose model."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from miniature.world import draw
from record.analysis import Analyser, PoseEstimator
from record.analysis.bundle import ensure_pose_bundle
from record.errors import CheckpointError
from record.types import KEYPOINTS, Candidate

EMPTY = np.full((128, 128, 3), 210, np.uint8)


def test_keypoints_have_33_different_names() -> None:
    assert len(set(KEYPOINTS)) == 33


def test_a_missing_model_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="python -m record.analysis.bundle"):
        PoseEstimator(tmp_path / "none.task")


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.task").write_bytes(b"not a zip")
    with pytest.raises(CheckpointError, match="is not a pose model"):
        PoseEstimator(tmp_path / "bad.task")


@pytest.fixture(scope="module")
def estimator() -> PoseEstimator:
    return PoseEstimator(ensure_pose_bundle())


@pytest.mark.slow
def test_finds_a_drawn_person_where_it_is(estimator: PoseEstimator) -> None:
    found, close, overlap = 0, [], []
    rng = random.Random(3)
    for _ in range(20):
        drawing = draw(rng, kind="interaction")
        pose = estimator.find(drawing.image)
        if pose is None:
            continue
        found += 1
        assert pose.keypoints.shape == (33, 3)
        assert pose.keypoints.dtype == np.float32
        assert pose.person_mask.shape == drawing.image.shape[:2]
        assert pose.person_mask.dtype == np.bool_
        assert drawing.person_box is not None
        nose = pose.keypoints[KEYPOINTS.index("nose"), :2]
        close.append(float(np.linalg.norm(nose - np.array(drawing.joints["nose"]))))
        overlap.append(pose.person_box.iou(drawing.person_box))
    assert found >= 18
    assert np.median(close) < 0.05
    assert np.median(overlap) > 0.6


@pytest.mark.slow
def test_an_empty_picture_has_no_person(estimator: PoseEstimator) -> None:
    assert estimator.find(EMPTY) is None


@pytest.mark.slow
def test_takes_the_largest_of_two_people(estimator: PoseEstimator) -> None:
    person = draw(random.Random(3), kind="person")
    height, width = person.image.shape[:2]
    pair = np.full((2 * height, 3 * width, 3), 210, np.uint8)
    pair[:, : 2 * width] = person.image.repeat(2, axis=0).repeat(2, axis=1)
    pair[height:, 2 * width :] = person.image
    pose = estimator.find(pair)
    assert pose is not None
    assert pose.person_box.centre[0] < 2 / 3


@pytest.mark.slow
def test_takes_any_shape_and_refuses_what_is_no_picture(estimator: PoseEstimator) -> None:
    wide = np.full((40, 90, 3), 210, np.uint8)
    assert estimator.find(wide[:, ::2]) is None
    bad: Any
    for bad in (wide[..., 0], wide.astype(np.float32)):
        with pytest.raises(ValueError, match="uint8 H x W x 3"):
            estimator.find(bad)


@pytest.mark.slow
def test_threads_may_share_an_estimator(estimator: PoseEstimator) -> None:
    images = [draw(random.Random(seed)).image for seed in range(6)]
    alone = [estimator.find(image) for image in images]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(estimator.find, images))
    for one, other in zip(alone, together, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            np.testing.assert_array_equal(one.keypoints, other.keypoints)


@pytest.mark.slow
def test_a_look_has_what_was_found_and_says_what_was_not() -> None:
    analyser = Analyser(ensure_pose_bundle())
    drawing = draw(random.Random(3), kind="person")
    blob = np.zeros((16, 16), np.float32)
    blob[2:5, 3:6] = 1.0
    seen = analyser.look(Candidate(0, drawing.image, blob))
    assert seen.note == ""
    assert seen.keypoints is not None
    assert seen.object_box is not None
    unseen = analyser.look(Candidate(0, EMPTY, np.zeros((16, 16), np.float32)))
    assert (unseen.keypoints, unseen.person_box, unseen.person_mask, unseen.object_box) == (None,) * 4
    assert "no person" in unseen.note
    assert "the object was not seen" in unseen.note
    noise = np.random.default_rng(0).random((16, 16), np.float32) * np.float32(0.05)
    lost = analyser.look(Candidate(0, drawing.image, noise, subject_map=blob))
    assert (lost.object_box, lost.note) == (None, unseen.note.split("; ")[-1])
