"""The events of a run as a client sees them: those of its story, and those of the run around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from PIL import Image

from record.pictures import codec
from record.story.event import Arrays, Event
from record.story.events import Stepped
from record.types import Json


@dataclass(frozen=True)
class Accepted(Event):
    """The run waits: `position` runs before it, `running` now; ready in about `ready_in_s` seconds."""

    name: ClassVar[str] = "run.accepted"
    position: int
    running: int
    ready_in_s: float


@dataclass(frozen=True)
class Step:
    """Where a trajectory is: candidate `index` of a picture, or its last pass where that is None."""

    picture: int
    index: int | None
    step: int
    steps: int
    correction: int = 0
    preview: str | None = None
    loss: float | None = None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The step that was told; what a newer service says besides is left out."""
        return cls(**{field.name: told[field.name] for field in fields(cls) if field.name in told})

    @property
    def image(self) -> Image.Image | None:
        """A small picture of what it may become, if one was sent; ValueError where it cannot be read."""
        return None if self.preview is None else codec.from_uri(self.preview)

    def stepped(self, at: float) -> Stepped:
        """The same as the story tells it in process, without the preview."""
        return Stepped(at, self.index, self.step, self.steps, self.correction, loss=self.loss)


@dataclass(frozen=True)
class Progress(Event):
    """The newest step of every trajectory that took one since this was told last."""

    name: ClassVar[str] = "progress"
    steps: tuple[Step, ...]

    def _told(self) -> Json:
        return {"steps": [dict(step.__dict__) for step in self.steps]}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        return {"steps": tuple(Step.of(one) for one in told["steps"])}


@dataclass(frozen=True)
class Restarted(Event):
    """The run begins anew, since what drew it was lost; what was told before does not count."""

    name: ClassVar[str] = "run.restarted"


@dataclass(frozen=True)
class Finished(Event):
    """The run is over and its pictures are there; `degraded` if something was left out."""

    name: ClassVar[str] = "run.finished"
    degraded: bool


@dataclass(frozen=True)
class Failed(Event):
    """The run is over without its pictures; `error` is OpenAI's object: type, code, message, param."""

    name: ClassVar[str] = "run.failed"
    error: Json


@dataclass(frozen=True)
class Cancelled(Event):
    """The run was stopped."""

    name: ClassVar[str] = "run.cancelled"


ENDINGS = (Finished, Failed, Cancelled)


@dataclass(frozen=True)
class Unknown(Event):
    """An event of a newer service, as JSON."""

    name: ClassVar[str] = "unknown"
    told: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """An event of a run.

    `number` resumes after it (0 while the run waits), `attempt` rises where the run was begun anew,
    `picture` is the number of the picture that it is about, `artefacts` names what can be fetched now.
    """

    number: int
    event: Event
    attempt: int = 0
    picture: int | None = None
    artefacts: tuple[str, ...] = ()

    @property
    def is_end(self) -> bool:
        """Whether nothing comes after it."""
        return isinstance(self.event, ENDINGS)

    @classmethod
    def read(cls, number: str, data: str) -> Told:
        """What a server-sent event says; ValueError where it is none of ours."""
        told = json.loads(data)
        if not isinstance(told, dict):
            raise ValueError(f"an event is a JSON object, not {data[:40]!r}")
        about: tuple[str, ...] = tuple(told.get("artefacts", ()))
        return cls(int(number or 0), _event(told), told.get("attempt", 0), told.get("picture"), about)


def _event(told: Json) -> Event:
    at = told.get("at", 0.0)
    try:
        return Event.from_json({**told, "at": at})
    except ValueError:
        return Unknown(at, told)
