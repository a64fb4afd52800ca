"""A request and all that happened in it, kept; to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from PIL import Image

from record.reading.prompt import Prompt
from record.settings import Settings
from record.story.cast import Chosen
from record.story.event import Arrays, box_json
from record.story.events import (
    CandidateAnalysed,
    CandidateReady,
    CorrectionReady,
    Degraded,
    Event,
    ImageReady,
    Judged,
    LayoutProposed,
    PoseSelected,
    StageTimed,
    Stepped,
)
from record.types import Candidate, Json

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
    def image(self) -> Image.Image:
        """The finished picture; LookupError before it is ready, and where JSON came without it."""
        image = self._need(ImageReady).image
        if not image.size:
            raise LookupError(f"run {self.id} was read without its picture: give it in `arrays`")
        return Image.fromarray(image)

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates in the order of their seeds."""
        ready = [e for e in self.events if isinstance(e, CandidateReady)]
        return [e.candidate for e in sorted(ready, key=lambda e: e.index)]

    @property
    def corrections(self) -> list[Candidate]:
        """The corrections that were judged, in their order; none where the only one is the answer."""
        ready = [e for e in self.events if isinstance(e, CorrectionReady)]
        return [e.candidate for e in sorted(ready, key=lambda e: e.index)]

    @property
    def chosen(self) -> Chosen:
        """The candidate that was looked at, as `story.correct` takes it; LookupError if none was."""
        look = self._need(CandidateAnalysed).look
        return Chosen(self.candidates[self._index], look)

    @property
    def timings(self) -> Mapping[str, float]:
        """Seconds by stage."""
        return {e.stage: round(e.seconds, 4) for e in self.events if isinstance(e, StageTimed)}

    def to_json(self) -> Json:
        """The run as plain JSON values, without pictures."""
        look, layout, final = self.find(CandidateAnalysed), self.find(LayoutProposed), self.find(ImageReady)
        seen, judged = look.to_json() if look is not None else {}, self.find(Judged)
        return {
            "id": self.id,
            "prompt": self.prompt.text,
            "intransitive": self.prompt.intransitive,
            "triplet": dict(self.prompt.triplet.__dict__),
            "spans": {role: list(span) for role, span in self.prompt.spans.items()},
            "settings": self.settings.model_dump(),
            "chosen": self._index,
            "keypoints": seen.get("keypoints"),
            "person_box": seen.get("person_box"),
            "object_box_before": seen.get("object_box"),
            "object_box_after": None if layout is None else box_json(layout.box),
            "corrected": final is not None and final.is_corrected,
            "judged": None if judged is None else judged.to_json(),
            "degraded": [e.to_json() for e in self.events if isinstance(e, Degraded)],
            "timings": dict(self.timings),
            "events": [e.to_json() for e in self.events],
        }

    def arrays(self) -> Arrays:
        """What JSON leaves out, by name: `image`, `person_mask`, `candidates/0/object_map` ..."""
        return {name: array for event in self.events for name, array in event.arrays().items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any], arrays: Arrays | None = None) -> Self:
        """The run that `to_json` told, with as much of its `arrays` as are given.

        Its own `to_json` says the same again. SettingsError for settings that are not known here,
        ValueError for what else is missing or unknown.
        """
        try:
            prompt = Prompt.from_json({**told, "text": told["prompt"]})
            events = [Event.from_json(one, arrays) for one in told["events"]]
            return cls(told["id"], prompt, Settings.build(told["settings"]), events)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this is no run as it was told ({error!r}): {str(told)[:80]}") from error

    def find(self, kind: type[E]) -> E | None:
        """The last event of a kind, or None."""
        return next((e for e in reversed(self.events) if isinstance(e, kind)), None)

    @property
    def _index(self) -> int:
        choice = self.find(PoseSelected)
        return 0 if choice is None else choice.choice.index

    def _need(self, kind: type[E]) -> E:
        found = self.find(kind)
        if found is None:
            raise LookupError(f"run {self.id} has no {kind.name} yet")
        return found
