"""The visual attributes of a layout answer, read off the drawing's joints and boxes.

Lengths are measured in torsos (middle of the shoulders to middle of the hips):

    pose_type            dynamic where a wrist is above the nose or the body leans by 0.2 or more
    body_orientation     as the figure was turned when it was drawn
    facial_direction     where the face was drawn to look
    object_relationship  beside the body (0.9 or more from the hips sideways): "beside" if the object's
                         box comes within 0.05 of the person's, else "near the person";
                         otherwise by height: "above" the nose, "under" the hips, or "in front of"
    object_size          the box's longer edge in tenths of the picture, 1 to 10
"""

from __future__ import annotations

from collections.abc import Mapping

from miniature.world import Drawing
from record.geometry import Box
from record.reasoning.schemas import LayoutAnswer

Point = tuple[float, float]
_TOUCH = 0.05


def _middle(joints: Mapping[str, Point], name: str) -> Point:
    (ax, ay), (bx, by) = joints[f"left_{name}"], joints[f"right_{name}"]
    return (ax + bx) / 2, (ay + by) / 2


def _gap(a: Box, b: Box) -> float:
    """The larger of the horizontal and the vertical gap between two boxes; 0 where they overlap."""
    sideways = max(a.x0 - b.x1, b.x0 - a.x1, 0.0)
    return max(sideways, a.y0 - b.y1, b.y0 - a.y1, 0.0)


def relationship(drawing: Drawing, box: Box) -> str:
    """The object's relationship to the drawing's person, were it in that box."""
    shoulders, hips = _middle(drawing.joints, "shoulder"), _middle(drawing.joints, "hip")
    torso = hips[1] - shoulders[1]
    x, y = box.centre
    person = drawing.person_box
    if abs(x - hips[0]) >= 0.9 * torso:
        return "beside" if person is not None and _gap(person, box) <= _TOUCH else "near the person"
    if y < drawing.joints["nose"][1]:
        return "above"
    return "under" if y > hips[1] else "in front of"


def tenths(box: Box) -> int:
    """The longer edge in tenths of the picture, 1 to 10."""
    return min(10, max(1, round(10 * max(box.width, box.height))))


def answer(drawing: Drawing, box: Box, numbers: list[float]) -> LayoutAnswer:
    """The right answer for a drawing whose object belongs into `box`, written as `numbers`."""
    joints = drawing.joints
    shoulders, hips = _middle(joints, "shoulder"), _middle(joints, "hip")
    lean = abs(shoulders[0] - hips[0]) / (hips[1] - shoulders[1])
    raised = min(joints["left_wrist"][1], joints["right_wrist"][1]) < joints["nose"][1]
    return LayoutAnswer.model_validate(
        {
            "pose_type": "dynamic" if raised or lean >= 0.2 else "static",
            "body_orientation": drawing.body,
            "facial_direction": drawing.face,
            "object_relationship": relationship(drawing, box),
            "object_size": tenths(box),
            "object_box": numbers,
        }
    )
