"""What the agents answer, as pydantic models; the order of the fields is the order of decoding.

The JSON schema of a request is made from them, with the request's own limits filled in: the number
of pictures, and the largest coordinate.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

POSE_TYPES = ("static", "dynamic")
ORIENTATIONS = ("frontal", "backward", "profile", "angled")
DIRECTIONS = ("at the viewer", "up", "down", "sideways", "at the object")
RELATIONSHIPS = ("above", "under", "beside", "in front of", "behind", "on", "near the person")

PoseName = Annotated[str, Field(min_length=1, max_length=60)]
PoseOf = tuple[PoseName, Annotated[int, Field(ge=0)]]
"""A pose, and the number of the picture that shows it."""
Number = Annotated[float, Field(ge=0)]


class PoseAnswer(BaseModel):
    """The pose agent's answer: every picture's pose, then the pair that fits the verb best, again."""

    model_config = ConfigDict(extra="forbid")

    poses: list[PoseOf]
    choice: PoseOf


class LayoutAnswer(BaseModel):
    """The layout agent's answer: the chain of visual attributes, then the object's box."""

    model_config = ConfigDict(extra="forbid")

    pose_type: Literal["static", "dynamic"]
    body_orientation: Literal["frontal", "backward", "profile", "angled"]
    facial_direction: Literal["at the viewer", "up", "down", "sideways", "at the object"]
    object_relationship: Literal["above", "under", "beside", "in front of", "behind", "on", "near the person"]
    object_size: Annotated[int, Field(ge=1, le=10, description="longer edge in tenths of the picture")]
    object_box: Annotated[list[Number], Field(min_length=4, max_length=4)]


def pose_schema(pictures: int) -> dict[str, Any]:
    """The JSON schema of a `PoseAnswer` over that many pictures."""
    schema = PoseAnswer.model_json_schema()
    properties = schema["properties"]
    poses = properties["poses"]
    poses["minItems"] = poses["maxItems"] = pictures
    for pair in (poses["items"], properties["choice"]):
        pair["prefixItems"][1]["maximum"] = pictures - 1
    return schema


def layout_schema(*, limit: int, whole: bool) -> dict[str, Any]:
    """The JSON schema of a `LayoutAnswer` whose coordinates run from 0 to `limit`."""
    schema = LayoutAnswer.model_json_schema()
    items = schema["properties"]["object_box"]["items"]
    items["type"] = "integer" if whole else "number"
    items["maximum"] = limit
    return schema


def response_format(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The `response_format` of a chat request that holds the answer to the schema."""
    return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}
