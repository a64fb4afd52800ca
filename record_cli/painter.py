"""Who draws, in this process or elsewhere, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from PIL import Image

from record.story.events import Event
from record.story.run import Run
from record_cli.asking import Ask

OnEvent = Callable[[Event], None]


@dataclass(frozen=True)
class Drawn:
    """A finished picture, its candidates, the run as JSON with its events, and judged corrections."""

    image: Image.Image
    candidates: tuple[Image.Image, ...]
    run: Mapping[str, Any]
    seconds: float
    corrections: tuple[Image.Image, ...] = ()

    def event(self, name: str) -> Mapping[str, Any]:
        """The last event of a name, or nothing."""
        return next((e for e in reversed(self.run.get("events", [])) if e["event"] == name), {})


def drawn_of(run: Run, seconds: float) -> Drawn:
    """What a finished run drew."""
    candidates, corrections = (
        tuple(Image.fromarray(one.image) for one in drawn) for drawn in (run.candidates, run.corrections)
    )
    return Drawn(run.image, candidates, run.to_json(), seconds, corrections)


class Painter(Protocol):
    """Draws what is asked for."""

    name: str
    """What draws, in words."""

    def prepare(self, ask: Ask) -> None:
        """Refuse at once what can be seen to fail, and load what drawing takes; raises as `draw` does."""
        ...

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw one picture, once prepared, and tell what happens meanwhile, as far as that is known.

        Raises InputError for what cannot be drawn as it was asked for, and another ReCorDError
        where drawing fails.
        """
        ...
