"""What happens in a request, as it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

import numpy as np

from record.geometry import Box
from record.reasoning.heard import Exchange
from record.story.event import PLACES, Arrays, box_json, read_box
from record.story.event import Event as Event
from record.types import NO_PICTURE, Candidate, Json, Layout, Look, Picture, PoseChoice, Verdict


@dataclass(frozen=True)
class Stepped(Event):
    """The denoiser took a step of candidate `index`, or of a last pass where that is None.

    `correction` tells last passes apart that are drawn at once; `preview` is a small picture of what
    it may become, where somebody watches, `loss` what guidance read. For progress bars; a Run keeps none.
    """

    name: ClassVar[str] = "step"
    index: int | None
    step: int
    steps: int
    correction: int = 0
    preview: Picture | None = None
    loss: float | None = None

    def arrays(self) -> Arrays:
        """The preview, such as `candidates/0/preview` or `corrections/0/preview`."""
        return {} if self.preview is None else {_preview_of(self.index, self.correction): self.preview}

    def _told(self) -> Json:
        told = super()._told()
        del told["preview"]
        return told

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        name = _preview_of(told["index"], told["correction"])
        return super()._read({**told, "preview": arrays.get(name)}, arrays)


def _preview_of(index: int | None, correction: int) -> str:
    return f"corrections/{correction}/preview" if index is None else f"candidates/{index}/preview"


@dataclass(frozen=True)
class CandidateReady(Event):
    """One of the k candidates is drawn; JSON has its seed, `arrays` the rest."""

    name: ClassVar[str] = "candidate.ready"
    index: int
    candidate: Candidate

    def arrays(self) -> Arrays:
        """Picture, maps and strands, such as `candidates/0/image`."""
        return _arrays_of(self.candidate, f"candidates/{self.index}")

    def _told(self) -> Json:
        return {"index": self.index, "seed": self.candidate.seed}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        candidate = _candidate_of(told["seed"], arrays, f"candidates/{told['index']}")
        return {"index": told["index"], "candidate": candidate}


_PARTS = tuple(field.name for field in fields(Candidate) if field.name != "seed")


def _arrays_of(candidate: Candidate, folder: str) -> Arrays:
    parts = {part: getattr(candidate, part) for part in _PARTS}
    return {f"{folder}/{p}": array for p, array in parts.items() if array is not None and array.size}


def _candidate_of(seed: int, arrays: Arrays, folder: str) -> Candidate:
    found: Json = {part: arrays.get(f"{folder}/{part}") for part in _PARTS}
    if found["image"] is None:
        found["image"] = NO_PICTURE
    return Candidate(seed, **found)


@dataclass(frozen=True)
class PoseSelected(Event):
    """The pose agent chose; told again where its choice gives way to a candidate that has the object."""

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
        person, thing = (read_box(told[name]) for name in ("person_box", "object_box"))
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
            layout = Layout(**{**layout, "object_box": read_box(layout["object_box"])})
        return {"box": Box(*told["object_box"]), "layout": layout}


@dataclass(frozen=True)
class CorrectionReady(Event):
    """One of the corrections that are judged is drawn, with the object in `box`."""

    name: ClassVar[str] = "correction.ready"
    index: int
    box: Box
    candidate: Candidate

    def arrays(self) -> Arrays:
        """Picture and maps, such as `corrections/0/image`."""
        return _arrays_of(self.candidate, f"corrections/{self.index}")

    def _told(self) -> Json:
        return {"index": self.index, "seed": self.candidate.seed, "object_box": box_json(self.box)}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        candidate = _candidate_of(told["seed"], arrays, f"corrections/{told['index']}")
        return {"index": told["index"], "box": Box(*told["object_box"]), "candidate": candidate}


@dataclass(frozen=True)
class Judged(Event):
    """The model judged pictures, and `reason` says why `chosen` is the best of them.

    `verdicts` are of the chosen candidate and then of its corrections, or of the pictures of whole
    `stories`, a seed each.
    """

    name: ClassVar[str] = "judged"
    of: Literal["corrections", "stories"]
    verdicts: tuple[Verdict, ...]
    chosen: int
    reason: str

    def _told(self) -> Json:
        verdicts = [dict(verdict.__dict__) for verdict in self.verdicts]
        return {"of": self.of, "verdicts": verdicts, "chosen": self.chosen, "reason": self.reason}

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        verdicts = tuple(Verdict(**one) for one in told["verdicts"])
        return {**super()._read(told, arrays), "verdicts": verdicts}


@dataclass(frozen=True)
class Exchanged(Event):
    """An agent asked the language model, and it answered; told by those who listen to the agents."""

    name: ClassVar[str] = "model.asked"
    exchange: Exchange

    def _told(self) -> Json:
        return {
            "question": self.exchange.question,
            "messages": list(self.exchange.messages),
            "answer": self.exchange.answer,
        }

    @classmethod
    def _read(cls, told: Mapping[str, Any], arrays: Arrays) -> Json:
        return {"exchange": Exchange(told["question"], tuple(told["messages"]), told["answer"])}


@dataclass(frozen=True)
class LayoutKept(Event):
    """The candidate is the answer, uncorrected; `reason` says why."""

    name: ClassVar[str] = "layout.kept"
    reason: str


@dataclass(frozen=True)
class Degraded(Event):
    """A part failed and the request goes on without it, or the picture lacks its object."""

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
