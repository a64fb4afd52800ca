"""The agents ask, check, ask once more, and give up with an error of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from record.errors import ReasoningError
from record.geometry import Box
from record.prompt import parse
from record.reasoning.agents import VisionReasoner, read_pose
from record.reasoning.dialect import COMPACT, GENERAL
from record.types import Image, Look
from tests.record.reasoning.fakes import ScriptedChat

PROMPT = parse("a woman is kicking a ball")
PICTURES: list[Image] = [np.zeros((16, 16, 3), dtype=np.uint8)] * 3
POSES: dict[str, Any] = {"poses": [["standing", 0], ["kicking", 1], ["sitting", 2]], "choice": ["kicking", 1]}
NOTHING = Look(None, None, None, None)
LAYOUT = {
    "pose_type": "dynamic",
    "body_orientation": "angled",
    "facial_direction": "at the object",
    "object_relationship": "beside",
    "object_size": 2,
    "object_box": [700, 600, 900, 800],
}


async def test_select() -> None:
    chat = ScriptedChat(POSES)
    choice = await VisionReasoner(chat, COMPACT).select(PROMPT, PICTURES)
    assert choice.index == 1
    assert choice.poses == ("standing", "kicking", "sitting")
    assert "kicking" in choice.reason
    (payload,) = chat.payloads
    assert payload["temperature"] == 0
    assert payload["response_format"]["json_schema"]["schema"]["properties"]["poses"]["maxItems"] == 3


async def test_lay_out() -> None:
    layout = await VisionReasoner(ScriptedChat(LAYOUT), GENERAL).lay_out(PROMPT, PICTURES[0], NOTHING)
    assert layout.object_box == Box(0.7, 0.6, 0.9, 0.8)
    assert layout.object_size == pytest.approx(0.2)
    assert layout.object_relationship == "beside"


async def test_the_fault_is_told_and_the_second_answer_taken() -> None:
    chat = ScriptedChat({**LAYOUT, "object_box": [700, 600, 700, 800]}, LAYOUT)
    layout = await VisionReasoner(chat, GENERAL).lay_out(PROMPT, PICTURES[0], NOTHING)
    assert layout.object_box.area > 0
    first, second = chat.payloads
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert second["messages"][-2]["role"] == "assistant"
    assert "has no area" in second["messages"][-1]["content"]


CUT_OFF = {"choices": [{"message": {"content": '{"poses"'}, "finish_reason": "length"}]}
EMPTY = {"choices": [{"message": {"content": None}, "finish_reason": "stop"}]}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("the third one", "Invalid JSON"),
        ({"error": {"message": "out of memory"}}, "out of memory"),
        ({"choices": []}, "not a chat-completions response"),
        (EMPTY, "empty"),
        (CUT_OFF, "cut off"),
        ({**POSES, "poses": POSES["poses"][:2]}, "once each"),
    ],
)
async def test_two_bad_answers_are_an_error(answer: Any, fault: str) -> None:
    chat = ScriptedChat(answer, answer)
    with pytest.raises(ReasoningError, match=fault):
        await VisionReasoner(chat, COMPACT).select(PROMPT, PICTURES)
    assert len(chat.payloads) == 2


async def test_no_pictures() -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        await VisionReasoner(ScriptedChat(), COMPACT).select(PROMPT, [])


def test_the_name_decides_where_name_and_number_disagree() -> None:
    answer = '{"poses": [["standing", 0], ["kicking", 1]], "choice": ["kicking", 0]}'
    assert read_pose(answer, 2).index == 1


def test_the_number_stands_where_no_picture_bears_the_name() -> None:
    answer = '{"poses": [["standing", 0], ["sitting", 1]], "choice": ["kicking", 1]}'
    choice = read_pose(answer, 2)
    assert choice.index == 1
    assert "sitting" in choice.reason


def test_a_number_without_a_picture_is_an_error() -> None:
    answer = '{"poses": [["standing", 0], ["sitting", 1]], "choice": ["kicking", 2]}'
    with pytest.raises(ValueError, match="choice"):
        read_pose(answer, 2)


def test_pairs_may_come_in_any_order() -> None:
    answer = '{"poses": [["standing", 1], ["kicking", 0]], "choice": ["standing", 1]}'
    choice = read_pose(answer, 2)
    assert choice.index == 1
    assert choice.poses == ("kicking", "standing")
