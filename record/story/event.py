"""What every event of a story is: to JSON, with arrays beside it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy.typing as npt

from record.geometry import Box
from record.types import Json

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


def box_json(box: Box | None) -> list[float] | None:
    """Four numbers rounded to four places, or None."""
    return None if box is None else [round(v, PLACES) for v in box.to_list()]


def read_box(values: list[float] | None) -> Box | None:
    """Such numbers as a box again."""
    return None if values is None else Box(*values)
