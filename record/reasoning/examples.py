"""Worked examples of layouts and of verdicts, given to models of the general dialect as text."""

from __future__ import annotations

import json
from dataclasses import dataclass

from record.geometry import Box
from record.reasoning.dialect import Dialect
from record.types import BodyOrientation, FacialDirection, PoseType, Relationship


@dataclass(frozen=True)
class Example:
    """A situation in words and boxes, and the answer to it."""

    prompt: str
    situation: str
    person: Box
    current: Box
    pose_type: PoseType
    body_orientation: BodyOrientation
    facial_direction: FacialDirection
    object_relationship: Relationship
    object_size: int
    proposed: Box

    def text(self, dialect: Dialect, width: int, height: int) -> str:
        """The example as it stands in a message, in the dialect's coordinates."""
        answer = (
            f'{{"pose_type": "{self.pose_type}", "body_orientation": "{self.body_orientation}", '
            f'"facial_direction": "{self.facial_direction}", '
            f'"object_relationship": "{self.object_relationship}", "object_size": {self.object_size}, '
            f'"object_box": [{dialect.write_box(self.proposed, width, height)}]}}'
        )
        return (
            f"Sentence: {self.prompt}\nSeen: {self.situation}\n"
            f"Person box: [{dialect.write_box(self.person, width, height)}]\n"
            f"Object box: [{dialect.write_box(self.current, width, height)}]\nAnswer: {answer}"
        )


EXAMPLES = (
    Example(
        "a girl is flying a kite",
        "She stands on the left with one arm raised, looking up; the kite hangs beside her knees.",
        Box(0.12, 0.34, 0.34, 0.96),
        Box(0.36, 0.66, 0.52, 0.82),
        "dynamic",
        "angled",
        "up",
        "above",
        2,
        Box(0.58, 0.06, 0.78, 0.24),
    ),
    Example(
        "a man is sitting on a bench",
        "He sits facing the viewer, knees bent; the bench has slipped to the right of him.",
        Box(0.33, 0.28, 0.62, 0.9),
        Box(0.62, 0.55, 0.98, 0.85),
        "static",
        "frontal",
        "at the viewer",
        "under",
        6,
        Box(0.18, 0.56, 0.78, 0.86),
    ),
    Example(
        "a woman is walking a dog",
        "She walks to the left with a leash in her left hand; the dog stands close ahead of her feet.",
        Box(0.5, 0.2, 0.75, 0.94),
        Box(0.18, 0.66, 0.44, 0.94),
        "dynamic",
        "profile",
        "sideways",
        "in front of",
        3,
        Box(0.18, 0.66, 0.44, 0.94),
    ),
)


@dataclass(frozen=True)
class JudgedExample:
    """A finished picture in words, and what is to be said of it."""

    prompt: str
    situation: str
    pose: str
    action_right: bool
    object_there: bool
    person_whole: bool

    @property
    def text(self) -> str:
        """The example as it stands in a message."""
        names = ("pose", "action_right", "object_there", "person_whole")
        answer = json.dumps({name: getattr(self, name) for name in names})
        return f"Sentence: {self.prompt}\nSeen: {self.situation}\nAnswer: {answer}"


JUDGED = (
    JudgedExample(
        "a man is washing a car",
        "He sits at the wheel of a car and looks out of its window; all of him that can show is there.",
        "driving",
        action_right=False,
        object_there=True,
        person_whole=True,
    ),
    JudgedExample(
        "a girl is flying a kite",
        "She runs with one arm raised to the sky, looking up; there is nothing above her.",
        "running, arm raised",
        action_right=True,
        object_there=False,
        person_whole=True,
    ),
    JudgedExample(
        "a woman is reading a newspaper",
        "She sits with an open newspaper before her eyes; her left arm ends at the elbow in the paper.",
        "reading",
        action_right=True,
        object_there=True,
        person_whole=False,
    ),
)
