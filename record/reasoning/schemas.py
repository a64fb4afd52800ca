"""What the agents answer, as pydantic models; the order of the fields is the order of decoding.

The JSON schema of a request is made from them, with the request's own limits filled in: the number
of pictures, and the largest coordinate. Schemas of the general style keep to what OpenAI's strict mode
takes: every field required, no others, and no `prefixItems`.
"""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from record.reasoning.dialect import Style
from record.types import BodyOrientation, FacialDirection, Json, PoseType, Relationship

POSE_TYPES: tuple[PoseType, ...] = get_args(PoseType)
ORIENTATIONS: tuple[BodyOrientation, ...] = get_args(BodyOrientation)
DIRECTIONS: tuple[FacialDirection, ...] = get_args(FacialDirection)
RELATIONSHIPS: tuple[Relationship, ...] = get_args(Relationship)
NAME_LENGTH = 60
"""Characters of a pose's name in the compact style, where the schema ends a name that would go on."""


def _as_pair(entry: object) -> object:
    """The general style's {"pose": ..., "picture": ...} as the compact style's [pose, picture]."""
    if isinstance(entry, dict) and entry.keys() == {"pose", "picture"}:
        return entry["pose"], entry["picture"]
    return entry


PoseName = Annotated[str, Field(min_length=1, max_length=200)]
PoseOf = Annotated[tuple[PoseName, Annotated[int, Field(ge=0)]], BeforeValidator(_as_pair)]
"""A pose, and the number of the picture that shows it."""


class PoseAnswer(BaseModel):
    """The pose agent's answer: every picture's pose, then the pair that fits the verb best, again."""

    model_config = ConfigDict(extra="forbid")

    poses: list[PoseOf]
    choice: PoseOf


class LayoutAnswer(BaseModel):
    """The layout agent's answer: the chain of visual attributes, then the object's box."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    pose_type: PoseType
    body_orientation: BodyOrientation
    facial_direction: FacialDirection
    object_relationship: Relationship
    object_size: Annotated[int, Field(ge=1, le=10, description="longer edge in tenths of the picture")]
    object_box: Annotated[list[float], Field(min_length=4, max_length=4)]


class VerdictAnswer(BaseModel):
    """The judge's answer on one picture: the pose as it is drawn, then three questions."""

    model_config = ConfigDict(extra="forbid")

    pose: PoseName
    action_right: StrictBool
    object_there: StrictBool
    person_whole: StrictBool


def pose_schema(pictures: int, style: Style = "compact") -> Json:
    """The JSON schema of a `PoseAnswer` over that many pictures, as pairs or as objects."""
    schema = PoseAnswer.model_json_schema()
    properties = schema["properties"]
    if style == "general":
        properties["poses"]["items"] = properties["choice"] = _entry_schema(pictures)
    else:
        for pair in (properties["poses"]["items"], properties["choice"]):
            pair["prefixItems"][0]["maxLength"] = NAME_LENGTH
            pair["prefixItems"][1]["maximum"] = pictures - 1
    properties["poses"]["minItems"] = properties["poses"]["maxItems"] = pictures
    return schema


def _entry_schema(pictures: int) -> Json:
    number = {"type": "integer", "minimum": 0, "maximum": pictures - 1}
    return {
        "type": "object",
        "properties": {"pose": {"type": "string"}, "picture": number},
        "required": ["pose", "picture"],
        "additionalProperties": False,
    }


def layout_schema(*, limit: int, whole: bool) -> Json:
    """The JSON schema of a `LayoutAnswer` whose coordinates run from 0 to `limit`."""
    schema = LayoutAnswer.model_json_schema()
    items = schema["properties"]["object_box"]["items"]
    items["type"] = "integer" if whole else "number"
    items["minimum"], items["maximum"] = 0, limit
    return schema


def verdict_schema(style: Style = "compact") -> Json:
    """The JSON schema of a `VerdictAnswer`."""
    schema = VerdictAnswer.model_json_schema()
    pose = (
        {"type": "string"}
        if style == "general"
        else {**schema["properties"]["pose"], "maxLength": NAME_LENGTH}
    )
    schema["properties"]["pose"] = pose
    return schema


def response_format(name: str, schema: Json) -> Json:
    """The `response_format` of a chat request that holds the answer to the schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}
