"""From a picture to the person's 33 keypoints, mask and box: MediaPipe's Pose Landmarker (section 3.3)."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from record.analysis.otsu import largest_region, region_box
from record.errors import CheckpointError
from record.geometry import Box
from record.types import Array, Picture

SMALLEST_SIDE = 256
"""A picture whose shorter side has fewer pixels is enlarged first: the person is found more often."""


@dataclass(frozen=True)
class Pose:
    """One person: `keypoints` 33 x 3 (x, y, visibility, each in 0..1), box, and H x W mask."""

    keypoints: Array
    person_box: Box
    person_mask: npt.NDArray[np.bool_]


class PoseEstimator:
    """Finds the largest person of a picture, in about 30 ms on a CPU; threads may share one."""

    def __init__(self, bundle: Path, *, people: int = 2, confidence: float = 0.5) -> None:
        """Load the `.task` file; `people` are looked for, each at least `confidence` (0..1) sure.

        Raises CheckpointError where the file is missing or is not a pose bundle.
        """
        if not Path(bundle).is_file():
            raise CheckpointError(
                f"no pose model at {bundle}; make one with: python -m record.analysis.bundle"
            )
        self._landmarker = _landmarker(Path(bundle), people, confidence)
        self._close = weakref.finalize(self, _release, self._landmarker)

    def find(self, image: Picture) -> Pose | None:
        """The person with the largest box in an H x W x 3 uint8 RGB picture, or None."""
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise ValueError(f"a picture is uint8 H x W x 3, got {image.dtype} {image.shape}")
        import mediapipe

        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=_enlarged(image))
        seen = self._landmarker.detect(picture)
        masks = [mask.numpy_view() for mask in seen.segmentation_masks or ()]
        people = zip(seen.pose_landmarks, masks, strict=True)
        return max(
            (_pose(marks, mask, image.shape) for marks, mask in people),
            key=lambda pose: pose.person_box.area,
            default=None,
        )

    def close(self) -> None:
        """Free the networks; the estimator cannot be used afterwards."""
        self._close()


def _landmarker(bundle: Path, people: int, confidence: float) -> Any:
    from mediapipe.tasks import python as tasks
    from mediapipe.tasks.python import vision

    options = vision.PoseLandmarkerOptions(
        base_options=tasks.BaseOptions(model_asset_path=str(bundle)),
        num_poses=people,
        min_pose_detection_confidence=confidence,
        min_pose_presence_confidence=confidence,
        output_segmentation_masks=True,
    )
    try:
        return vision.PoseLandmarker.create_from_options(options)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(f"{bundle} is not a pose model MediaPipe can read: {error}") from error


def _release(landmarker: Any) -> None:
    """Free the networks; at the interpreter's end their thread is gone, and the memory goes anyway."""
    try:
        landmarker.close()
    except RuntimeError:
        landmarker._handle = None


def _enlarged(image: Picture) -> Picture:
    height, width = image.shape[:2]
    factor = SMALLEST_SIDE / min(height, width)
    if factor <= 1:
        return np.ascontiguousarray(image)
    size = (round(width * factor), round(height * factor))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def _pose(marks: Sequence[Any], mask: npt.NDArray[np.float32], shape: tuple[int, ...]) -> Pose:
    keypoints = np.array([[mark.x, mark.y, mark.visibility or 0.0] for mark in marks], dtype=np.float32)
    soft = Image.fromarray(np.squeeze(mask).astype(np.float32))
    soft = soft.resize((shape[1], shape[0]), Image.Resampling.BOX)
    body = largest_region(np.asarray(soft) > 0.5)
    return Pose(keypoints, region_box(body) or _box_of(keypoints), body)


def _box_of(keypoints: Array) -> Box:
    """The box round the keypoints that lie in the picture."""
    (x0, y0), (x1, y1) = keypoints[:, :2].min(axis=0), keypoints[:, :2].max(axis=0)
    return Box(float(x0), float(y0), float(x1), float(y1)).clamp()
