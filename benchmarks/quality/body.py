"""What a body says: whether it is whole, and where the object of its pair belongs beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import numpy as np

from miniature.world import draw
from record.analysis.pose import Pose
from record.geometry import Box
from record.reasoning.messages import MAIN_JOINTS
from record.types import KEYPOINTS, Array

SEEN = 0.5
"""Visibility from which MediaPipe counts as having seen a joint."""
_DRAWINGS = 60


@dataclass(frozen=True)
class Relation:
    """A drawing's joints (13 x 2) and its object's box, both in shares of the person's box."""

    joints: Array
    box: Box


def is_whole(pose: Pose) -> bool:
    """Whether MediaPipe sees every main joint; a proxy, which hidden limbs and damage both lower."""
    return bool((pose.keypoints[list(MAIN_JOINTS), 2] >= SEEN).all())


@cache
def relations(verb: str, thing: str) -> tuple[Relation, ...]:
    """The relation in drawings of a pair, always the same ones."""
    rng, found = random.Random(f"relations/{verb}/{thing}"), []
    for _ in range(_DRAWINGS):
        drawing = draw(rng, verb=verb, object=thing, kind="interaction")
        if drawing.object_box is None or drawing.person_box is None:
            continue
        joints = np.array([drawing.joints[KEYPOINTS[index]] for index in MAIN_JOINTS], np.float32)
        inside = _inside(joints, drawing.person_box)
        found.append(Relation(inside, _relative(drawing.object_box, drawing.person_box)))
    return tuple(found)


def where_it_belongs(pose: Pose, verb: str, thing: str) -> Box:
    """The object's place beside this body: that of the drawing of the pair whose joints are nearest."""
    joints = _inside(pose.keypoints[list(MAIN_JOINTS), :2], pose.person_box)
    nearest = min(relations(verb, thing), key=lambda one: float(np.square(one.joints - joints).sum()))
    return _absolute(nearest.box, pose.person_box).clamp()


def _inside(joints: Array, box: Box) -> Array:
    corner, size = np.array([box.x0, box.y0]), np.array([box.width, box.height])
    return np.asarray((joints - corner) / np.maximum(size, 1e-3), np.float32)


def _relative(box: Box, frame: Box) -> Box:
    corners = _inside(np.array([[box.x0, box.y0], [box.x1, box.y1]], np.float32), frame)
    return Box(*(float(edge) for edge in corners.reshape(-1)))


def _absolute(box: Box, frame: Box) -> Box:
    x0, x1 = (frame.x0 + edge * frame.width for edge in (box.x0, box.x1))
    y0, y1 = (frame.y0 + edge * frame.height for edge in (box.y0, box.y1))
    return Box(x0, y0, x1, y1)
