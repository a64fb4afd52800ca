"""The application with stand-ins for its models: `build` is an import path for Ray Serve.

Painters sleep (painter.py); the language model and the analysis answer the same to everything. The edge, the
runs, the store, Ray Serve and its handles are the real ones.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
from ray import serve
from ray.serve.deployment import Application

from benchmarks.fleet.painter import SleepingPainter
from deployments.app import wire
from deployments.arguments import AppArgs
from deployments.config import AnalysisArgs, VlmArgs
from deployments.seeing.carrying import Carrier
from record.geometry import Box
from record.reasoning.schemas import DIRECTIONS, ORIENTATIONS, POSE_TYPES, RELATIONSHIPS
from record.types import Candidate, Json, Look

LOOK_S, ASK_S = 0.05, 1.0
"""Seconds of a look at a picture, and of a call of the language model."""


def build(args: dict[str, Any]) -> Application:
    """As `deployments.app.build` does, of the same arguments; `checkpoint` is what `checkpoint_of` says."""
    checked = AppArgs.read(args)
    assert checked.vlm is not None
    vlm = serve.deployment(Answerer, name="VLM", **checked.options("VLM")).bind(checked.vlm)
    return wire(checked, SleepingPainter, Onlooker, vlm)


class Onlooker:
    """Sees the same person and object in every picture."""

    def __init__(self, args: AnalysisArgs) -> None:
        """Nothing is loaded."""

    async def look(self, candidate: Candidate, *, carrier: Carrier | None = None) -> Look:
        """The object is at the left; the answerer wants it at the right."""
        await asyncio.sleep(LOOK_S)
        pose = np.full((33, 3), 0.5, np.float32)
        return Look(pose, Box(0.3, 0.2, 0.6, 0.9), None, Box(0.1, 0.1, 0.3, 0.3))


class Answerer:
    """Chooses the first picture, and moves every object."""

    def __init__(self, args: VlmArgs) -> None:
        """Nothing is loaded."""

    async def chat_json(self, payload: Json, *, carrier: Carrier | None = None) -> Json:
        """An answer in the form that was asked for."""
        await asyncio.sleep(ASK_S)
        wanted = payload["response_format"]["json_schema"]
        said = _layout(wanted["schema"]) if wanted["name"] == "layout" else _poses(wanted["schema"])
        return {"choices": [{"message": {"content": json.dumps(said)}}]}


def _poses(schema: Json) -> Json:
    count = schema["properties"]["poses"]["minItems"]
    poses = [{"pose": "standing", "picture": number} for number in range(count)]
    return {"poses": poses, "choice": poses[0]}


def _layout(schema: Json) -> Json:
    limit = schema["properties"]["object_box"]["items"]["maximum"]
    words = {
        "pose_type": POSE_TYPES[0],
        "body_orientation": ORIENTATIONS[0],
        "facial_direction": DIRECTIONS[0],
        "object_relationship": RELATIONSHIPS[0],
    }
    return {**words, "object_size": 3, "object_box": [round(limit * share) for share in (0.6, 0.5, 0.9, 0.8)]}
