"""The three tasks as text, in the very form of the service: prompt, pictures and the JSON answer."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from miniature.vlm import attributes
from miniature.vlm.model import IMAGE_SIZE, IMAGE_TOKENS
from miniature.vlm.scenes import Scene, Shot
from miniature.vlm.tokenizer import ASSISTANT, END, IMAGE, IMAGE_EDGE, IMAGE_START, NOTHING, USER
from miniature.world import SCENES, SUBJECTS, TAUGHT, VERBS
from miniature.world.captions import caption
from miniature.world.vocabulary import Pair
from record.geometry import Box
from record.reasoning.change import needs_correction
from record.reasoning.dialect import COMPACT
from record.reasoning.messages import MAIN_JOINTS, compact_judge_text, compact_layout_text, compact_pose_text
from record.reasoning.schemas import LayoutAnswer, VerdictAnswer
from record.types import KEYPOINTS, Array, Look

PICTURE = IMAGE_EDGE + IMAGE_START + IMAGE * IMAGE_TOKENS + IMAGE_EDGE
"""What the processor makes of one picture."""


@dataclass(frozen=True)
class Sample:
    """A question and its answer; `pictures` are indices into the shots, in order of appearance.

    `given` is a first part of the answer that is not to be learned.
    """

    question: str
    answer: str
    pictures: tuple[int, ...]
    given: str = ""


@dataclass(frozen=True)
class Choosing:
    """Shots to name, and the one that fits the sentence."""

    sentence: str
    pictures: tuple[int, ...]
    poses: tuple[str, ...]
    chosen: int

    def answer(self) -> str:
        """The pose agent's answer."""
        pairs = [[pose, number] for number, pose in enumerate(self.poses)]
        return json.dumps({"poses": pairs, "choice": pairs[self.chosen]}) + END

    def sample(self) -> Sample:
        """The task with its pictures."""
        numbered = "".join(f"{number}:{PICTURE}" for number in range(len(self.pictures)))
        question = USER + compact_pose_text(self.sentence) + numbered + ASSISTANT
        return Sample(question, self.answer(), self.pictures)

    def look_up(self) -> Sample:
        """The task without pictures: the poses are given, and only the choice is to be said."""
        whole = self.answer()
        cut = whole.index(']], "choice"')
        question = USER + compact_pose_text(self.sentence) + ASSISTANT
        return Sample(question, whole[cut:], (), given=whole[:cut])


@dataclass(frozen=True)
class Mending:
    """A shot, what was seen in it, and the right answer; `right` is the answer's box."""

    sentence: str
    picture: int
    look: Look
    layout: LayoutAnswer
    right: Box

    def sample(self) -> Sample:
        """The task in its text form."""
        layout = self.layout.model_dump()
        layout["object_box"] = [int(number) for number in layout["object_box"]]
        asked = compact_layout_text(self.sentence, self.look, COMPACT, IMAGE_SIZE, IMAGE_SIZE)
        return Sample(USER + asked + PICTURE + ASSISTANT, json.dumps(layout) + END, (self.picture,))


@dataclass(frozen=True)
class Judging:
    """A shot, and what is to be said of it under the sentence."""

    sentence: str
    picture: int
    verdict: VerdictAnswer

    def sample(self) -> Sample:
        """The task in its text form."""
        question = USER + compact_judge_text(self.sentence) + PICTURE + ASSISTANT
        return Sample(question, json.dumps(self.verdict.model_dump()) + END, (self.picture,))


def _sentence(rng: random.Random, verb: str, thing: str) -> str:
    return caption(rng, "interaction", rng.choice(SUBJECTS), verb, thing, rng.choice(SCENES))


def judging(rng: random.Random, shots: Sequence[Shot]) -> Judging:
    """A shot, and a sentence whose verb and object are right about as often as wrong, where they can be.

    What is seen is named, pose and object, before it is compared with the sentence.
    """
    picture = rng.randrange(len(shots))
    shot, says_verb, says_object = shots[picture], rng.random() < 0.5, rng.random() < 0.6
    pairs = [pair for pair in TAUGHT if (pair[0] == shot.pose) == (says_verb and shot.pose in VERBS)]
    pairs = [pair for pair in pairs if (pair[1] == shot.object) == says_object] or pairs
    verb, thing = rng.choice(pairs)
    verdict = VerdictAnswer(
        pose=f"{shot.pose}, {shot.object or NOTHING}",
        action_right=verb == shot.pose,
        object_there=thing == shot.object,
        person_whole=shot.is_whole,
    )
    return Judging(_sentence(rng, verb, thing), picture, verdict)


class Poses:
    """Makes choosing samples out of shots."""

    def __init__(self, shots: Sequence[Shot]) -> None:
        self._shots = shots
        self._of: dict[str, list[int]] = {}
        self._with: dict[tuple[str, str], list[int]] = {}
        for index, shot in enumerate(shots):
            self._of.setdefault(shot.pose, []).append(index)
            self._with.setdefault((shot.pose, shot.object), []).append(index)

    def choosing(self, rng: random.Random, count: int, right: int = 1) -> Choosing:
        """`count` pictures, `right` of which show the sentence's verb; without any the first is chosen."""
        verb, thing = self._pair(rng)
        others = [pose for pose in self._of if pose != verb]
        shown = [verb] * right + [rng.choice(others) for _ in range(count - right)]
        rng.shuffle(shown)
        chosen = shown.index(verb) if right else 0
        picks = tuple(self._pick(rng, pose, thing) for pose in shown)
        return Choosing(_sentence(rng, verb, thing), picks, tuple(shown), chosen)

    @staticmethod
    def _pair(rng: random.Random) -> Pair:
        """Every verb as often, with one of its objects."""
        verb = rng.choice(VERBS)
        return rng.choice([pair for pair in TAUGHT if pair[0] == verb])

    def _pick(self, rng: random.Random, pose: str, thing: str) -> int:
        same = self._with.get((pose, thing), [])
        return rng.choice(same if same and rng.random() < 0.5 else self._of[pose])


def _keypoints(rng: random.Random, scene: Scene) -> Array:
    """The drawing's joints with an estimator's errors, at their places among the 33."""
    points = np.zeros((len(KEYPOINTS), 3), dtype=np.float32)
    for index in MAIN_JOINTS:
        x, y = scene.drawing.joints[KEYPOINTS[index]]
        points[index] = x + rng.gauss(0, 0.01), y + rng.gauss(0, 0.01), 1.0
    return points


def _shaken(rng: random.Random, box: Box, by: float) -> Box:
    """Each edge moved by a normal error."""
    return Box.of([edge + rng.gauss(0, by) for edge in box.to_list()]).clamp()


def displaced(rng: random.Random, box: Box) -> Box:
    """A box wrong in place and size, harder than attention boxes are."""
    wide, high = (edge * rng.uniform(0.6, 1.7) for edge in (box.width, box.height))
    x, y = (min(0.95, max(0.05, at + rng.gauss(0, 0.25))) for at in box.centre)
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2).clamp()


def _given(rng: random.Random, shot: int, shown: Box | None, truth: Box) -> Box | None:
    """The object's box as the attention would have it: wrong, missing, or at times nearly right."""
    draw = rng.random()
    if draw < 0.1:
        return None
    if shot == 0 and draw < 0.5:
        return _shaken(rng, truth, 0.01)
    if shot == 2 and shown is not None and draw < 0.8:
        return _shaken(rng, shown, 0.03)
    return displaced(rng, truth)


def mending(rng: random.Random, scenes: Sequence[Scene], shot: int | None = None) -> Mending:
    """A layout to mend, in the given shot (0 in place, 1 gone, 2 moved) or any."""
    index, shot = rng.randrange(len(scenes)), rng.randrange(3) if shot is None else shot
    scene = scenes[index]
    truth, person = scene.drawing.object_box, scene.drawing.person_box
    if truth is None or person is None:
        raise ValueError(f"scene {index} shows no object or no person")
    given = _given(rng, shot, scene.shots[shot].shown, truth)
    right = truth if given is None or needs_correction(given, truth) else given
    look = Look(
        keypoints=None if rng.random() < 0.1 else _keypoints(rng, scene),
        person_box=_shaken(rng, person, 0.01),
        person_mask=None,
        object_box=given,
    )
    numbers = [float(part) for part in COMPACT.write_box(right, IMAGE_SIZE, IMAGE_SIZE).split(", ")]
    layout = attributes.answer(scene.drawing, right, numbers)
    return Mending(scene.drawing.caption, 3 * index + shot, look, layout, right)
