"""What happens in a request, as it happens: to JSON, with arrays beside it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from record.geometry import Box
from record.types import NO_PICTURE, Candidate, Json, Layout, Look, Picture, PoseChoice

PLACES = 4
"""Decimals of seconds, boxes and keypoints in JSON."""

Arrays = Mapping[str, npt.NDArray[Any]]
"""What JSON leaves out, by name: pictures (uint8, H x W x 3), maps, masks and strands."""


@dataclass(frozen=True)
class Event:
    """Something that happened; `at` is in seconds since the request began.

    A kind is known by its `name`, by which `from_json` finds the class.
    """

    name: ClassVar[str] = "event"
    kinds: ClassVar[dict[str, type[Event]]] = {}
    at: float

    def __init_subclass__(cls) -> None:
        """Register the kind; TypeError for a name that another one has."""
        if cls.name in Event.kinds and Event.kinds[cls.name].__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__name__} needs a name of its own: {cls.name!r} is taken")
        Event.kinds[cls.name] = cls

    def to_json(self) -> Json:
        """Name, time and what a reader of the trace wants: plain JSON values, no pictures."""
        return {"event": self.name, "at": round(self.at, PLACES), **self._told()}

    def arrays(self) -> Arrays:
        """What JSON leaves out."""
        return {}

    @staticmethod
    def from_json(told: Mapping[str, Any], arrays: Arrays | None = None) -> Event:
        """The event that `to_json` told; what `arrays` lacks is absent in it.

        Numbers are as JSON had them. ValueError for an unknown kind, and for one that lacks a part.
        """
        kind = Event.kinds.get(str(told.get("event")))
        if kind is None:
            raise ValueError(f"event {told.get('event')!r} is unknown: there are {', '.join(Event.kinds)}")
        try:
            return kind(at=told["at"], **kind._read(told, arrays or {}))
        except (KeyError, TypeError) as error:
            raise ValueError(f"event {kind.name!r} cannot be read from {told!r} ({error!r})") from error

    def _told(self) -> Json:
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "at"}
        return {name: round(v, PLACES) if isinstance(v, float) else v for name, v in values.items()}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        return {field.name: told[field.name] for field in fields(cls) if field.name != "at"}


@dataclass(frozen=True)
class Stepped(Event):
    """The denoiser took a step of candidate `index`, or of the correction where that is None.

    For progress bars; a Run does not keep it.
    """

    name: ClassVar[str] = "step"
    index: int | None
    step: int
    steps: int


@dataclass(frozen=True)
class CandidateReady(Event):
    """One of the k candidates is drawn; JSON has its seed, `arrays` the rest."""

    name: ClassVar[str] = "candidate.ready"
    index: int
    candidate: Candidate

    def arrays(self) -> Arrays:
        """Picture, maps and strands, such as `candidates/0/image`."""
        parts = {part: getattr(self.candidate, part) for part in _PARTS}
        return {_part(self.index, p): array for p, array in parts.items() if array is not None and array.size}

    def _told(self) -> Json:
        return {"index": self.index, "seed": self.candidate.seed}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        found: Json = {part: arrays.get(_part(told["index"], part)) for part in _PARTS}
        if found["image"] is None:
            found["image"] = NO_PICTURE
        return {"index": told["index"], "candidate": Candidate(told["seed"], **found)}


_PARTS = tuple(field.name for field in fields(Candidate) if field.name != "seed")


def _part(index: int, part: str) -> str:
    return f"candidates/{index}/{part}"


@dataclass(frozen=True)
class PoseSelected(Event):
    """The pose agent chose."""

    name: ClassVar[str] = "pose.selected"
    choice: PoseChoice

    def _told(self) -> Json:
        return {"index": self.choice.index, "poses": list(self.choice.poses), "reason": self.choice.reason}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        return {"choice": PoseChoice(told["index"], tuple(told["poses"]), told["reason"])}


@dataclass(frozen=True)
class CandidateAnalysed(Event):
    """Keypoints and boxes of the chosen candidate are found; `arrays` has the person's mask."""

    name: ClassVar[str] = "candidate.analysed"
    look: Look

    def arrays(self) -> Arrays:
        """`person_mask`, where a person was found."""
        return {} if self.look.person_mask is None else {"person_mask": self.look.person_mask}

    def _told(self) -> Json:
        look = self.look
        return {
            "keypoints": None if look.keypoints is None else look.keypoints.round(PLACES).tolist(),
            "person_box": box_json(look.person_box),
            "object_box": box_json(look.object_box),
            "note": look.note,
        }

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        keypoints = None if told["keypoints"] is None else np.asarray(told["keypoints"], np.float32)
        person, thing = (_box(told[name]) for name in ("person_box", "object_box"))
        return {"look": Look(keypoints, person, arrays.get("person_mask"), thing, told["note"])}


@dataclass(frozen=True)
class LayoutProposed(Event):
    """The layout agent (or the caller) said where the object belongs."""

    name: ClassVar[str] = "layout.proposed"
    box: Box
    layout: Layout | None

    def _told(self) -> Json:
        return {
            "object_box": box_json(self.box),
            "layout": None if self.layout is None else self.layout.to_json(),
        }

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        layout = told["layout"]
        if layout is not None:
            layout = Layout(**{**layout, "object_box": _box(layout["object_box"])})
        return {"box": Box(*told["object_box"]), "layout": layout}


@dataclass(frozen=True)
class LayoutKept(Event):
    """No correction is asked for; `reason` says why."""

    name: ClassVar[str] = "layout.kept"
    reason: str


@dataclass(frozen=True)
class Degraded(Event):
    """A part failed and the request goes on without it."""

    name: ClassVar[str] = "degraded"
    stage: str
    reason: str


@dataclass(frozen=True)
class ImageReady(Event):
    """The picture is finished; JSON says whether the correction pass drew it."""

    name: ClassVar[str] = "image.ready"
    image: Picture
    is_corrected: bool

    def arrays(self) -> Arrays:
        """`image`."""
        return {"image": self.image} if self.image.size else {}

    def _told(self) -> Json:
        return {"corrected": self.is_corrected}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        return {"image": arrays.get("image", NO_PICTURE), "is_corrected": told["corrected"]}


@dataclass(frozen=True)
class StageTimed(Event):
    """A stage of the story ended; `seconds` is what it took."""

    name: ClassVar[str] = "stage.timed"
    stage: str
    seconds: float


def box_json(box: Box | None) -> list[float] | None:
    """Four numbers rounded to four places, or None."""
    return None if box is None else [round(v, PLACES) for v in box.to_list()]


def _box(values: list[float] | None) -> Box | None:
    return None if values is None else Box(*values)
