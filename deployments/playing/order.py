"""What a run is to draw, settled when it is accepted: whoever plays it later draws the same pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from record.geometry import Box
from record.reading.prompt import Prompt
from record.settings import Settings
from record.story import cost
from record.story.cast import Request
from record.story.event import read_box
from record.traits import traits_of
from record.types import Json


@dataclass(frozen=True)
class Corrects:
    """The picture of an earlier run, by its number, whose candidate is drawn again with the object moved."""

    run: str
    picture: int = 0


@dataclass(frozen=True)
class Order:
    """A prompt that was read and, for every picture, all settings as they were resolved."""

    prompt: Prompt
    settings: tuple[Settings, ...]
    box: Box | None = None
    corrects: Corrects | None = None

    def requests(self, run: str, timeout_s: float) -> list[Request]:
        """What the story is asked for, a picture each."""
        return [
            Request(self.prompt, settings, self.box, timeout_s, id=run, previews=True)
            for settings in self.settings
        ]

    def row_steps(self) -> int:
        """The most row-steps that all pictures take; SettingsError where a budget leaves nothing."""
        return sum(self._cost(settings) for settings in self.settings)

    def _cost(self, settings: Settings) -> int:
        traits = traits_of(settings.method)
        if self.corrects is not None:
            return cost.trajectory(settings.drawing(), box=True, person=True)
        if traits.is_drawn_elsewhere:
            return 0
        return cost.row_steps(settings, traits, has_box=self.box is not None)

    def to_json(self) -> Json:
        """Plain JSON values."""
        return {
            "prompt": asdict(self.prompt),
            "settings": [settings.model_dump() for settings in self.settings],
            "box": None if self.box is None else self.box.to_list(),
            "corrects": None if self.corrects is None else asdict(self.corrects),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The order that `to_json` told; SettingsError where a newer version knows a setting no more."""
        corrects = told["corrects"]
        return cls(
            Prompt.from_json(told["prompt"]),
            tuple(Settings.build(settings) for settings in told["settings"]),
            read_box(told["box"]),
            None if corrects is None else Corrects(**corrects),
        )
