"""The chat messages of the agents' three questions, in both dialects. Coordinates leave 0..1 only here."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from PIL import Image

from record.pictures import codec
from record.reading.prompt import Prompt
from record.reasoning.dialect import Dialect
from record.reasoning.examples import EXAMPLES, JUDGED
from record.reasoning.schemas import DIRECTIONS, ORIENTATIONS, POSE_TYPES, RELATIONSHIPS
from record.types import KEYPOINTS, Json, Look, Picture

Part = Json
Message = Json

JOINTS = tuple(re.sub("(eye|mouth)_(.+)", r"\1 (\2)", name).replace("_", " ") for name in KEYPOINTS)
"""The keypoints in words: "left wrist", "left eye (inner)"."""
MAIN_JOINTS = (0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Nose, shoulders, elbows, wrists, hips, knees and ankles: those the compact dialect gives."""

_POSE_TASK = """You compare pictures that were generated from one sentence.
First name, in one or two words, the pose or action of the person in every picture, as it is drawn and \
not as the sentence would have it. Then repeat the entry whose pose fits the sentence's verb best. Judge the \
limbs, the balance of the body and where it looks; a missing or misplaced object does not matter, for \
it can be moved later. If several fit equally well, take the clearest body.
Answer as JSON: {"poses": [{"pose": "...", "picture": 0}, ...], "choice": {"pose": "...", "picture": 0}}"""

_LAYOUT_TASK = f"""You place the object of a picture so that the sentence's interaction becomes believable.
Guidelines:
1. Follow the sentence: the object must stand where this verb, done by this body, needs it.
2. Stay inside the picture.
3. The person's box and pose are given and do not change.
4. Change the object's box only where it does not fit; otherwise repeat it.
5. Give the object a believable size beside this person.
6. Let the boxes overlap no more than the interaction asks for.
Before the box, read the attributes off the picture one after the other: pose type \
({", ".join(POSE_TYPES)}), body orientation ({", ".join(ORIENTATIONS)}), facial direction \
({", ".join(DIRECTIONS)}), the object's \
relationship to the person ({", ".join(RELATIONSHIPS)}), and the longer edge it should have in tenths of \
the picture (1 to 10)."""

_JUDGE_TASK = """You look at a picture that was generated from a sentence, and say what came of it.
First name, in a few words, the pose or action of the person, as it is drawn and not as the sentence would \
have it. Then answer three questions by true or false:
action_right: does the person do what the sentence's verb says, limbs and balance considered? Where the \
object is missing, go by the body alone.
object_there: is the sentence's object in the picture, and can it be recognised?
person_whole: is there one person, with a head and no limb missing, doubled or grown into something? What \
the object or the picture's edge hides is not missing.
Answer as JSON: {"pose": "...", "action_right": true, "object_there": true, "person_whole": true}"""


def picture(image: Picture) -> Part:
    """The message part that carries a picture."""
    return {"type": "image_url", "image_url": {"url": codec.to_uri(image)}}


def as_sent(image: Picture, dialect: Dialect) -> Picture:
    """The picture in the size the dialect wants it in: what the model counts pixels of."""
    height, width = image.shape[:2]
    size = dialect.sent_size(width, height)
    if size == (width, height):
        return image
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def text(words: str) -> Part:
    """The message part that carries words."""
    return {"type": "text", "text": words}


def pose_messages(prompt: Prompt, images: Sequence[Picture], dialect: Dialect) -> list[Message]:
    """Ask which of the pictures shows the verb's pose best."""
    if dialect.style == "compact":
        parts = [text(compact_pose_text(prompt.text))]
        for number, image in enumerate(images):
            parts += [text(f"{number}:"), picture(image)]
        return [{"role": "user", "content": parts}]
    parts = [text(f"Sentence: {prompt.text}\nThere are {len(images)} pictures, numbered from 0.")]
    for number, image in enumerate(images):
        parts += [text(f"Picture {number}:"), picture(image)]
    parts.append(text(f'Which pose fits "{prompt.intransitive}" best?'))
    return [{"role": "system", "content": _POSE_TASK}, {"role": "user", "content": parts}]


def layout_messages(prompt: Prompt, image: Picture, look: Look, dialect: Dialect) -> list[Message]:
    """Ask for the visual attributes and the object's box."""
    height, width = image.shape[:2]
    if dialect.style == "compact":
        words = compact_layout_text(prompt.text, look, dialect, width, height)
        return [{"role": "user", "content": [text(words), picture(image)]}]
    examples = "\n\n".join(example.text(dialect, width, height) for example in EXAMPLES)
    task = (
        f"{_LAYOUT_TASK}\nBoxes are {_habit(dialect, width, height)}.\n\nThree worked examples:\n\n{examples}"
    )
    asked = f"Sentence: {prompt.text}\n{_seen(look, dialect, width, height)}\nAnswer as JSON."
    return [{"role": "system", "content": task}, {"role": "user", "content": [picture(image), text(asked)]}]


def judge_messages(prompt: Prompt, image: Picture, dialect: Dialect) -> list[Message]:
    """Ask of one finished picture: is the action right, is the object there, is the person whole."""
    if dialect.style == "compact":
        return [{"role": "user", "content": [text(compact_judge_text(prompt.text)), picture(image)]}]
    examples = "\n\n".join(example.text for example in JUDGED)
    task = f"{_JUDGE_TASK}\n\nThree worked examples:\n\n{examples}"
    asked = f"Sentence: {prompt.text}\nThe object is: {prompt.triplet.object}\nAnswer as JSON."
    return [{"role": "system", "content": task}, {"role": "user", "content": [picture(image), text(asked)]}]


def compact_judge_text(prompt: str) -> str:
    """The words of the compact dialect that go before the picture that is judged."""
    return f"judge: {prompt} "


def compact_pose_text(prompt: str) -> str:
    """The words of the compact dialect that go before the numbered pictures."""
    return f"choose: {prompt} "


def compact_layout_text(prompt: str, look: Look, dialect: Dialect, width: int, height: int) -> str:
    """The words of the compact dialect that go before the picture."""
    points = "none"
    if look.keypoints is not None:
        pairs = [look.keypoints[index] for index in MAIN_JOINTS]
        points = ", ".join(f"{dialect.write(p[0], width)} {dialect.write(p[1], height)}" for p in pairs)
    person = dialect.write_box(look.person_box, width, height) if look.person_box else "none"
    thing = dialect.write_box(look.object_box, width, height) if look.object_box else "none"
    return f"mend: {prompt} [{points}] [{person}] [{thing}] "


def _habit(dialect: Dialect, width: int, height: int) -> str:
    order = "[left, top, right, bottom]"
    if dialect.coordinates == "pixels":
        return f"{order} in pixels of this {width} x {height} picture"
    return f"{order} with numbers from 0 to {dialect.limit(width)} along each edge"


def _seen(look: Look, dialect: Dialect, width: int, height: int) -> str:
    lines = ["Keypoints: none were found; go by the picture and the boxes."]
    if look.keypoints is not None:
        named = zip(JOINTS, look.keypoints, strict=True)
        points = (f"{n} ({dialect.write(p[0], width)}, {dialect.write(p[1], height)})" for n, p in named)
        lines = ["Keypoints (x, y): " + "; ".join(points)]
    for name, box in (("Person box", look.person_box), ("Object box", look.object_box)):
        lines.append(f"{name}: [{dialect.write_box(box, width, height)}]" if box else f"{name}: not found")
    if look.note:
        lines.append(f"Note: {look.note}")
    return "\n".join(lines)
