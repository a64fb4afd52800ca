"""The schemas say exactly what the pydantic models check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import ValidationError

from record.reasoning.schemas import LayoutAnswer, PoseAnswer, layout_schema, pose_schema, verdict_schema

VERDICT = {"pose": "kicking", "action_right": True, "object_there": False, "person_whole": True}
POSES = {"poses": [["kicking", 0], ["standing", 1]], "choice": ["kicking", 0]}
LAYOUT = {
    "pose_type": "dynamic",
    "body_orientation": "frontal",
    "facial_direction": "at the viewer",
    "object_relationship": "in front of",
    "object_size": 2,
    "object_box": [10, 20, 30, 40],
}


def test_a_good_answer_passes() -> None:
    jsonschema.validate(POSES, pose_schema(2))
    jsonschema.validate(LAYOUT, layout_schema(limit=99, whole=True))
    PoseAnswer.model_validate(POSES)
    LayoutAnswer.model_validate(LAYOUT)


@pytest.mark.parametrize("pictures", [1, 3])
def test_the_number_of_pictures_is_held(pictures: int) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(POSES, pose_schema(pictures))


def test_a_choice_beyond_the_pictures_is_refused() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**POSES, "choice": ["kicking", 2]}, pose_schema(2))


@pytest.mark.parametrize(
    "wrong",
    [{"object_box": [1, 2, 3]}, {"object_box": [1, 2, 3, 100]}, {"pose_type": "asleep"}, {"object_size": 0}],
)
def test_a_wrong_layout_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**LAYOUT, **wrong}, layout_schema(limit=99, whole=True))


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        LayoutAnswer.model_validate({**LAYOUT, "mood": "fine"})


def test_attributes_come_before_the_box() -> None:
    assert list(layout_schema(limit=99, whole=True)["properties"]) == list(LAYOUT)
    assert list(pose_schema(2)["properties"]) == ["poses", "choice"]


def test_the_lists_of_words_are_those_of_the_model() -> None:
    properties = layout_schema(limit=99, whole=True)["properties"]
    for field, known in (
        ("pose_type", "static, dynamic"),
        ("body_orientation", "frontal, backward, profile, angled"),
        ("facial_direction", "at the viewer, up, down, sideways, at the object"),
        ("object_relationship", "above, under, beside, in front of, behind, on, near the person"),
    ):
        assert properties[field]["enum"] == known.split(", ")


def test_the_schemas_are_plain_json() -> None:
    for schema in (pose_schema(5), layout_schema(limit=1, whole=False)):
        assert json.loads(json.dumps(schema)) == schema


ENTRIES = {
    "poses": [{"pose": "kicking", "picture": 0}, {"pose": "standing", "picture": 1}],
    "choice": {"pose": "kicking", "picture": 0},
}


def test_general_models_answer_with_objects_that_are_read_as_pairs() -> None:
    jsonschema.validate(ENTRIES, pose_schema(2, "general"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(POSES, pose_schema(2, "general"))
    assert PoseAnswer.model_validate(ENTRIES) == PoseAnswer.model_validate(POSES)


STRICT_KEYWORDS = set(
    """type properties required additionalProperties items minItems maxItems minimum maximum enum title
    description""".split()
)
"""What OpenAI's strict structured outputs take, of what is used here."""


@pytest.mark.parametrize(
    "schema",
    [
        pose_schema(5, "general"),
        layout_schema(limit=1000, whole=True),
        layout_schema(limit=1, whole=False),
        verdict_schema("general"),
    ],
    ids=["poses", "layout, whole numbers", "layout, shares", "verdict"],
)
def test_general_schemas_keep_to_the_strict_subset(schema: dict[str, Any]) -> None:
    assert schema["type"] == "object"
    for part in parts_of(schema):
        assert part.keys() <= STRICT_KEYWORDS
        if part["type"] == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
        if part["type"] == "array":
            assert "items" in part


def parts_of(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and all within it."""
    yield schema
    for part in [*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])]:
        yield from parts_of(part)


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        (pose_schema(2), POSES, {**POSES, "choice": ["kicking", 2]}),
        (pose_schema(2, "general"), ENTRIES, {"choice": ENTRIES["choice"], "poses": ENTRIES["poses"]}),
        (layout_schema(limit=1000, whole=True), LAYOUT, {**LAYOUT, "object_box": [0, 0, 1001, 10]}),
        (layout_schema(limit=1, whole=False), {**LAYOUT, "object_box": [0.1, 0, 0.55, 1]}, LAYOUT),
        (verdict_schema(), VERDICT, {**VERDICT, "person_whole": "yes"}),
        (verdict_schema("general"), VERDICT, {"pose": "kicking"}),
    ],
    ids=["pairs", "objects in order", "whole numbers", "shares", "verdict", "verdict of a general model"],
)
def test_a_grammar_holds_answers_to_the_schema(schema: Any, good: Any, bad: Any) -> None:
    xgrammar = pytest.importorskip("xgrammar")
    from xgrammar.testing import _is_grammar_accept_string as accepts

    grammar = xgrammar.Grammar.from_json_schema(json.dumps(schema))
    assert accepts(grammar, json.dumps(good))
    assert not accepts(grammar, json.dumps(bad))
