"""What the agents are shown: every picture, every number, in the model's own habit."""

from __future__ import annotations

import numpy as np
import pytest

from record.geometry import Box
from record.reading.prompt import parse
from record.reasoning.dialect import COMPACT, GENERAL, Dialect
from record.reasoning.examples import EXAMPLES, JUDGED
from record.reasoning.messages import (
    JOINTS,
    MAIN_JOINTS,
    Message,
    as_sent,
    judge_messages,
    layout_messages,
    pose_messages,
)
from record.reasoning.schemas import (
    DIRECTIONS,
    ORIENTATIONS,
    POSE_TYPES,
    RELATIONSHIPS,
    LayoutAnswer,
    PoseAnswer,
    VerdictAnswer,
)
from record.types import Look, Picture

PROMPT = parse("a woman is kicking a ball")
PICTURES: list[Picture] = [np.full((32, 48, 3), shade, dtype=np.uint8) for shade in (0, 120, 240)]


def look() -> Look:
    keypoints = np.full((33, 3), 0.5, dtype=np.float32)
    keypoints[0] = (0.25, 0.1, 1.0)
    return Look(keypoints, Box(0.1, 0.2, 0.4, 0.9), None, Box(0.5, 0.6, 0.7, 0.8), "one person of two")


def words(messages: list[Message]) -> str:
    """All text of the messages; a picture shows as <image>."""
    out: list[str] = []
    for message in messages:
        content = message["content"]
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        out += [part["text"] if part["type"] == "text" else "<image>" for part in parts]
    return "".join(out)


def test_the_compact_pose_question() -> None:
    said = words(pose_messages(PROMPT, PICTURES, COMPACT))
    assert said == "choose: a woman is kicking a ball 0:<image>1:<image>2:<image>"


def test_the_compact_layout_question() -> None:
    said = words(layout_messages(PROMPT, PICTURES[0], look(), COMPACT))
    points = ", ".join(["25 10"] + ["50 50"] * (len(MAIN_JOINTS) - 1))
    assert said.startswith(f"mend: a woman is kicking a ball [{points}] [10, 20, 40, 90] [")
    assert said.endswith("] <image>")


def test_the_compact_question_without_findings() -> None:
    said = words(layout_messages(PROMPT, PICTURES[0], Look(None, None, None, None), COMPACT))
    assert said == "mend: a woman is kicking a ball [none] [none] [none] <image>"


def test_the_general_questions_hold_everything() -> None:
    said = words(pose_messages(PROMPT, PICTURES, GENERAL))
    assert said.count("<image>") == 3
    assert "Picture 2:" in said and "a woman is kicking" in said
    said = words(layout_messages(PROMPT, PICTURES[0], look(), GENERAL))
    assert all(f"{joint} (" in said for joint in JOINTS)
    assert "nose (250, 100)" in said
    assert "Person box: [100, 200, 400, 900]" in said
    assert "one person of two" in said
    assert said.count("Sentence: ") == len(EXAMPLES) + 1 == 4


def test_the_general_layout_question_without_findings() -> None:
    said = words(layout_messages(PROMPT, PICTURES[0], Look(None, None, None, None), GENERAL))
    assert "Keypoints: none were found" in said
    assert "Object box: not found" in said


def test_pixels_are_those_of_the_picture() -> None:
    dialect = Dialect("general", "pixels")
    said = words(layout_messages(PROMPT, PICTURES[0], look(), dialect))
    assert "in pixels of this 48 x 32 picture" in said
    assert "nose (12, 3)" in said


def test_a_picture_is_resized_where_pixels_are_counted() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (512, 256, 3), dtype=np.uint8)
    assert as_sent(picture, Dialect("general", "pixels")).shape == (504, 252, 3)
    assert as_sent(picture, GENERAL) is picture


@pytest.mark.parametrize("words_of", [POSE_TYPES, ORIENTATIONS, DIRECTIONS, RELATIONSHIPS])
def test_the_general_layout_question_lists_what_may_be_answered(words_of: tuple[str, ...]) -> None:
    said = words(layout_messages(PROMPT, PICTURES[0], look(), GENERAL))
    assert f"({', '.join(words_of)})" in said


def test_the_general_pose_question_shows_the_form_of_the_answer() -> None:
    said = words(pose_messages(PROMPT, PICTURES, GENERAL))
    example = said[said.index('{"poses"') : said.rindex("}") + 1].replace(", ...]", "]")
    assert PoseAnswer.model_validate_json(example).choice == ("...", 0)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.prompt)
def test_the_worked_examples_are_valid_answers(example: object) -> None:
    for chosen in EXAMPLES:
        if chosen is example:
            answer = chosen.text(GENERAL, 512, 512).rsplit("Answer: ", 1)[1]
            read = LayoutAnswer.model_validate_json(answer)
            proposed = chosen.proposed
            assert round(max(proposed.width, proposed.height) * 10) == read.object_size


def test_the_compact_judges_question() -> None:
    assert words(judge_messages(PROMPT, PICTURES[0], COMPACT)) == "judge: a woman is kicking a ball <image>"


def test_the_general_judges_question() -> None:
    said = words(judge_messages(PROMPT, PICTURES[0], GENERAL))
    assert said.count("<image>") == 1 and said.count("Sentence: ") == len(JUDGED) + 1 == 4
    assert "The object is: ball" in said
    form = said[said.index('{"pose"') : said.index("}") + 1]
    assert VerdictAnswer.model_validate_json(form).pose == "..."


def test_each_worked_verdict_has_another_fault() -> None:
    answers = [VerdictAnswer.model_validate_json(one.text.rsplit("Answer: ", 1)[1]) for one in JUDGED]
    assert [(a.action_right, a.object_there, a.person_whole) for a in answers] == [
        (False, True, True), (True, False, True), (True, True, False),
    ]  # fmt: skip
