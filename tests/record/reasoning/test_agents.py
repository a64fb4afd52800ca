"""The agents ask, check, ask once more, and give up with an error of their own."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from record.errors import ReasoningError
from record.geometry import Box
from record.reading.prompt import parse
from record.reasoning.agents import VisionReasoner, read_layout, read_pose
from record.reasoning.dialect import COMPACT, GENERAL, Coordinates, Dialect
from record.types import Look, Picture, Verdict
from tests.record.reasoning.fakes import ScriptedChat

PROMPT = parse("a woman is kicking a ball")
PICTURES: list[Picture] = [np.zeros((16, 16, 3), dtype=np.uint8)] * 3
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


ENTRIES: dict[str, Any] = {
    "poses": [{"pose": pose, "picture": number} for pose, number in POSES["poses"]],
    "choice": {"pose": "kicking", "picture": 1},
}


async def test_a_general_model_selects_with_named_fields() -> None:
    chat = ScriptedChat(ENTRIES)
    choice = await VisionReasoner(chat, GENERAL).select(PROMPT, PICTURES)
    assert (choice.index, choice.poses) == (1, ("standing", "kicking", "sitting"))
    assert "prefixItems" not in str(chat.payloads[0]["response_format"])


@pytest.mark.parametrize("coordinates", ["unit", "hundredths", "thousandths", "pixels"])
async def test_a_box_comes_back_in_every_habit(coordinates: Coordinates) -> None:
    """The model repeats the object's box as it was told it, on a picture that is not square."""
    box, dialect = Box(0.25, 0.5, 0.75, 0.875), Dialect("general", coordinates)
    picture: Picture = np.zeros((256, 512, 3), dtype=np.uint8)
    chat = EchoingChat()
    look = Look(None, Box(0.1, 0.1, 0.3, 0.9), None, box)
    layout = await VisionReasoner(chat, dialect).lay_out(PROMPT, picture, look)
    assert layout.object_box.to_list() == pytest.approx(box.to_list(), abs=0.01)


class EchoingChat:
    """Answers with the object's box of the question."""

    async def chat_json(self, payload: dict[str, Any]) -> dict[str, Any]:
        said = payload["messages"][-1]["content"][-1]["text"]
        numbers = re.search(r"Object box: \[([^\]]*)\]", said)
        assert numbers
        box = [float(number) for number in numbers[1].split(",")]
        limits = payload["response_format"]["json_schema"]["schema"]["properties"]["object_box"]["items"]
        assert max(box) <= limits["maximum"]
        return await ScriptedChat({**LAYOUT, "object_box": box}).chat_json(payload)


@pytest.mark.parametrize(
    ("dialect", "first"),
    [
        (COMPACT, {**POSES, "poses": POSES["poses"][:2]}),
        (GENERAL, {"error": {"message": "timed out"}}),
        (GENERAL, {"choices": [{"message": {"content": None, "refusal": "no"}, "finish_reason": "stop"}]}),
    ],
    ids=["a model of two questions", "no answer", "a refusal"],
)
async def test_where_the_fault_cannot_be_told_the_question_is_put_again(dialect: Dialect, first: Any) -> None:
    chat = ScriptedChat(first, POSES)
    assert (await VisionReasoner(chat, dialect).select(PROMPT, PICTURES)).index == 1
    once, again = chat.payloads
    assert again["messages"] == once["messages"]
    assert (once["temperature"], again["temperature"]) == (0, 0.3)
    assert "seed" in again


async def test_a_code_fence_around_the_answer_is_no_fault() -> None:
    chat = ScriptedChat(f"Here it is:\n```json\n{json.dumps(LAYOUT)}\n```")
    layout = await VisionReasoner(chat, GENERAL).lay_out(PROMPT, PICTURES[0], NOTHING)
    assert layout.object_box == Box(0.7, 0.6, 0.9, 0.8)


@pytest.mark.parametrize(
    ("coordinates", "box", "fault"),
    [
        ("unit", [120, 250, 500, 990], "out of range; coordinates run from 0 to 1"),
        ("thousandths", [0.12, 0.25, 0.5, 0.99], "has no area; give .* 0 to 1000"),
        ("pixels", [120, 250, 500, 990], "out of range; coordinates run from 0 to 64"),
        ("thousandths", [1e999, 0, 1, 1], "finite number"),
    ],
)
def test_another_unit_is_told_from_a_box(coordinates: Coordinates, box: list[float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_layout(json.dumps({**LAYOUT, "object_box": box}), Dialect("general", coordinates), 64, 64)


def test_a_box_somewhat_outside_is_clamped() -> None:
    answer = json.dumps({**LAYOUT, "object_box": [-30, 600, 1040, 800]})
    assert read_layout(answer, GENERAL, 64, 64).object_box == Box(0, 0.6, 1, 0.8)


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


VERDICT = {"pose": "kicking", "action_right": True, "object_there": False, "person_whole": True}


@pytest.mark.parametrize("dialect", [COMPACT, GENERAL])
async def test_judge(dialect: Dialect) -> None:
    chat = ScriptedChat(VERDICT, {**VERDICT, "action_right": False, "pose": "standing"})
    first, second = await VisionReasoner(chat, dialect).judge(PROMPT, PICTURES[:2])
    assert first == Verdict(True, False, True, "kicking") and second == Verdict(
        False, False, True, "standing"
    )
    assert len(chat.payloads) == 2, "a question a picture"


@pytest.mark.parametrize(
    "wrong",
    [{"action_right": "yes"}, {"object_there": 1}, {"pose": ""}, {"mood": "fine"}],
)
async def test_a_wrong_verdict_is_asked_for_again(wrong: dict[str, Any]) -> None:
    chat = ScriptedChat({**VERDICT, **wrong}, VERDICT)
    (verdict,) = await VisionReasoner(chat, GENERAL).judge(PROMPT, PICTURES[:1])
    assert verdict.reason == "kicking"
    assert next(iter(wrong)) in chat.payloads[1]["messages"][-1]["content"]


async def test_two_wrong_verdicts_are_an_error() -> None:
    with pytest.raises(ReasoningError, match="twice"):
        await VisionReasoner(ScriptedChat("yes", "yes"), GENERAL).judge(PROMPT, PICTURES[:1])


async def test_the_compact_dialect_judges_as_well() -> None:
    said = '{"pose": "kicking", "action_right": true, "object_there": false, "person_whole": true}'
    (verdict,) = await VisionReasoner(ScriptedChat(said), COMPACT).judge(PROMPT, PICTURES[:1])
    assert verdict == Verdict(True, False, True, "kicking")
