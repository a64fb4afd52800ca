"""The data that passes between the parts of the story: frozen, on the CPU, free of models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from record.geometry import Box

Image = npt.NDArray[np.uint8]
"""A picture, uint8, height x width x 3, RGB."""
Array = npt.NDArray[np.float32]
NO_PICTURE: Image = np.zeros((0, 0, 3), np.uint8)
"""Stands for a picture that is kept elsewhere, as in a run read from JSON alone."""
Precision = Literal["auto", "float32", "float16", "bfloat16"]
"""What a checkpoint's networks work in; auto is bfloat16 where the device has it, else float32."""


@dataclass(frozen=True)
class Candidate:
    """One coarse candidate (paper, section 3.2), fully named by its seed and the request.

    The maps are the cross-attention maps of the object's, the subject's and the verb's tokens,
    float32, S x S, rows from the top; None where the picture was drawn elsewhere. `strands`
    (R x C x h x w) are kept where the candidate stopped early and can be gone on from.
    """

    seed: int
    image: Image
    object_map: Array | None = None
    subject_map: Array | None = None
    verb_map: Array | None = None
    strands: Array | None = None


@dataclass(frozen=True)
class Progress:
    """A job has taken `step` of its `steps` steps."""

    step: int
    steps: int


@dataclass(frozen=True)
class Look:
    """What is seen in a candidate (paper, section 3.3).

    `keypoints` is 33 x 3: x and y in 0..1 of the picture and visibility in 0..1, in MediaPipe's
    order. Parts that were not found are None, and `note` says so in words.
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

    pose_type: str
    body_orientation: str
    facial_direction: str
    object_relationship: str
    object_size: float
    object_box: Box
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {**self.__dict__, "object_box": self.object_box.to_list()}
