"""What happens in a request, as it happens, and the Run that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from PIL import Image as PILImage

from record.geometry import Box
from record.reading.prompt import Prompt
from record.settings import Settings
from record.types import Candidate, Image, Json, Layout, Look, PoseChoice


@dataclass(frozen=True)
class Event:
    """Something that happened; `at` is in seconds since the request began."""

    name: ClassVar[str] = "event"
    at: float

    def to_json(self) -> Json:
        """Name and time, and in subclasses what a reader of the trace wants; no pictures."""
        return {"event": self.name, "at": round(self.at, 4)}


@dataclass(frozen=True)
class Stepped(Event):
    """The denoiser took a step of candidate `index`, or of the correction where that is None.

    For progress bars; a Run does not keep it.
    """

    name: ClassVar[str] = "step"
    index: int | None
    step: int
    steps: int

    def to_json(self) -> Json:
        """Adds the candidate's index and the steps."""
        return {**super().to_json(), "index": self.index, "step": self.step, "steps": self.steps}


@dataclass(frozen=True)
class CandidateReady(Event):
    """One of the k candidates is drawn."""

    name: ClassVar[str] = "candidate.ready"
    index: int
    candidate: Candidate

    def to_json(self) -> Json:
        """Adds index and seed."""
        return {**super().to_json(), "index": self.index, "seed": self.candidate.seed}


@dataclass(frozen=True)
class PoseSelected(Event):
    """The pose agent chose."""

    name: ClassVar[str] = "pose.selected"
    choice: PoseChoice

    def to_json(self) -> Json:
        """Adds the index and the named poses."""
        return {**super().to_json(), "index": self.choice.index, "poses": list(self.choice.poses),
                "reason": self.choice.reason}  # fmt: skip


@dataclass(frozen=True)
class CandidateAnalysed(Event):
    """Keypoints and boxes of the chosen candidate are found."""

    name: ClassVar[str] = "candidate.analysed"
    look: Look

    def to_json(self) -> Json:
        """Adds keypoints and boxes."""
        look = self.look
        return {
            **super().to_json(),
            "keypoints": None if look.keypoints is None else look.keypoints.round(4).tolist(),
            "person_box": box_json(look.person_box),
            "object_box": box_json(look.object_box),
            "note": look.note,
        }


@dataclass(frozen=True)
class LayoutProposed(Event):
    """The layout agent (or the caller) said where the object belongs."""

    name: ClassVar[str] = "layout.proposed"
    box: Box
    layout: Layout | None

    def to_json(self) -> Json:
        """Adds the box and the visual attributes."""
        attributes = None if self.layout is None else self.layout.to_json()
        return {**super().to_json(), "object_box": box_json(self.box), "layout": attributes}


@dataclass(frozen=True)
class LayoutKept(Event):
    """No correction is asked for; `reason` says why."""

    name: ClassVar[str] = "layout.kept"
    reason: str

    def to_json(self) -> Json:
        """Adds the reason."""
        return {**super().to_json(), "reason": self.reason}


@dataclass(frozen=True)
class Degraded(Event):
    """A part failed and the request goes on without it."""

    name: ClassVar[str] = "degraded"
    stage: str
    reason: str

    def to_json(self) -> Json:
        """Adds the stage and the reason."""
        return {**super().to_json(), "stage": self.stage, "reason": self.reason}


@dataclass(frozen=True)
class ImageReady(Event):
    """The picture is finished."""

    name: ClassVar[str] = "image.ready"
    image: Image
    is_corrected: bool

    def to_json(self) -> Json:
        """Adds whether the correction pass drew it."""
        return {**super().to_json(), "corrected": self.is_corrected}


@dataclass(frozen=True)
class StageTimed(Event):
    """A stage of the story ended; `seconds` is what it took."""

    name: ClassVar[str] = "stage.timed"
    stage: str
    seconds: float

    def to_json(self) -> Json:
        """Adds stage and seconds."""
        return {**super().to_json(), "stage": self.stage, "seconds": round(self.seconds, 4)}


E = TypeVar("E", bound=Event)


@dataclass
class Run:
    """A request and everything that led to its picture."""

    id: str
    prompt: Prompt
    settings: Settings
    events: list[Event] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Keep an event, unless it is mere progress."""
        if not isinstance(event, Stepped):
            self.events.append(event)

    @property
    def image(self) -> PILImage.Image:
        """The finished picture; LookupError before it is ready."""
        return PILImage.fromarray(self._need(ImageReady).image)

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates in the order of their seeds."""
        ready = [e for e in self.events if isinstance(e, CandidateReady)]
        return [e.candidate for e in sorted(ready, key=lambda e: e.index)]

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds by stage."""
        return {e.stage: round(e.seconds, 4) for e in self.events if isinstance(e, StageTimed)}

    def to_json(self) -> Json:
        """The run as plain JSON values, without pictures."""
        chosen, look = self.find(PoseSelected), self.find(CandidateAnalysed)
        layout, final = self.find(LayoutProposed), self.find(ImageReady)
        seen = look.to_json() if look is not None else {}
        return {
            "id": self.id,
            "prompt": self.prompt.text,
            "intransitive": self.prompt.intransitive,
            "triplet": dict(self.prompt.triplet.__dict__),
            "settings": self.settings.model_dump(),
            "chosen": 0 if chosen is None else chosen.choice.index,
            "keypoints": seen.get("keypoints"),
            "person_box": seen.get("person_box"),
            "object_box_before": seen.get("object_box"),
            "object_box_after": None if layout is None else box_json(layout.box),
            "corrected": final is not None and final.is_corrected,
            "degraded": [e.to_json() for e in self.events if isinstance(e, Degraded)],
            "timings": dict(self.timings),
            "events": [e.to_json() for e in self.events],
        }

    def find(self, kind: type[E]) -> E | None:
        """The last event of a kind, or None."""
        return next((e for e in reversed(self.events) if isinstance(e, kind)), None)

    def _need(self, kind: type[E]) -> E:
        found = self.find(kind)
        if found is None:
            raise LookupError(f"run {self.id} has no {kind.name} yet")
        return found


def box_json(box: Box | None) -> list[float] | None:
    """Four numbers rounded to four places, or None."""
    return None if box is None else [round(v, 4) for v in box.to_list()]
