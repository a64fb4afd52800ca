"""The data that passes between the parts of the story: frozen, on the CPU, free of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from record.geometry import Box

Picture = npt.NDArray[np.uint8]
"""A picture, uint8, height x width x 3, RGB."""
Array = npt.NDArray[np.float32]
NO_PICTURE: Picture = np.zeros((0, 0, 3), np.uint8)
"""Stands for a picture that is kept elsewhere, as in a run read from JSON alone."""
Json = dict[str, Any]
"""A JSON object; what it holds, a schema or a test says."""
Precision = Literal["auto", "float32", "float16", "bfloat16"]
"""What a checkpoint's networks work in; auto is the faster of bfloat16 and float32."""

PoseType = Literal["static", "dynamic"]
BodyOrientation = Literal["frontal", "backward", "profile", "angled"]
FacialDirection = Literal["at the viewer", "up", "down", "sideways", "at the object"]
Relationship = Literal["above", "under", "beside", "in front of", "behind", "on", "near the person"]
"""Where the object is, seen from the person."""

KEYPOINTS = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
    "right_eye_outer", "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_pinky",
    "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index",
    "right_foot_index",
)  # fmt: skip
"""The 33 points of a body in MediaPipe's order; left and right are the person's own."""


@dataclass(frozen=True)
class Candidate:
    """One coarse candidate (paper, section 3.2), fully named by its seed and the request.

    The maps are the cross-attention maps of the object's, the subject's and the verb's tokens,
    float32, S x S, rows from the top; None where the picture was drawn elsewhere, or
    has only been told the intransitive prompt yet. `strands`
    (R x C x h x w) are kept where the candidate stopped early and can be gone on from.
    """

    seed: int
    image: Picture
    object_map: Array | None = None
    subject_map: Array | None = None
    verb_map: Array | None = None
    strands: Array | None = None


@dataclass(frozen=True)
class Progress:
    """A job has taken `step` of its `steps` steps; `preview` is what the picture may become, in small.

    `loss` is what guidance read last (equation 5), where it guides.
    """

    step: int
    steps: int
    preview: Picture | None = None
    loss: float | None = None


@dataclass(frozen=True)
class Look:
    """What is seen in a candidate (paper, section 3.3).

    `keypoints` is 33 x 3: x and y in 0..1 of the picture and visibility in 0..1, in the order of
    `KEYPOINTS`. Parts that were not found are None, and `note` says so in words.
    """

    keypoints: Array | None
    person_box: Box | None
    person_mask: npt.NDArray[np.bool_] | None
    object_box: Box | None
    note: str = ""


@dataclass(frozen=True)
class PoseChoice:
    """The pose agent's answer: a name for every picture's pose, and the index that fits best."""

    index: int
    poses: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the model says of a finished picture; `reason` is what it sees the person do."""

    action_right: bool
    object_there: bool
    person_whole: bool
    reason: str = ""


@dataclass(frozen=True)
class Layout:
    """The layout agent's answer: the chain of visual attributes, then the object's box."""

    pose_type: PoseType
    body_orientation: BodyOrientation
    facial_direction: FacialDirection
    object_relationship: Relationship
    object_size: float
    object_box: Box
    reason: str = ""

    def to_json(self) -> Json:
        """The same as plain JSON values."""
        return {**self.__dict__, "object_box": self.object_box.to_list()}
