from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from record.reading.prompt import parse
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Request
from record.story.events import Event
from record_cli.asking import Ask
from record_cli.painter import Drawn, OnEvent, drawn_of
from tests.deployments.conftest import app_over_fakes
from tests.record.fakes import WRONG, FakeAnalyst, FakeDiffusion, FakeJudge, FakeReasoner
from tests.record_client.conftest import serving

KICK = "a woman is kicking a ball"


class FakePainter:
    """Plays the real story over fakes; remembers what was asked for."""

    name = "a fake"

    def __init__(self, reasoner: FakeReasoner | None = None) -> None:
        self.asked: list[Ask] = []
        self._reasoner = reasoner or FakeReasoner()

    def prepare(self, ask: Ask) -> None:
        """Read the prompt."""
        parse(ask.prompt, ask.triplet)

    def load(self) -> None:
        """Nothing is to be loaded."""

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw flat pictures."""
        self.asked.append(ask)
        settings = Settings.build(ask.settings, {"candidates": 3, "steps": 4})
        request = Request(parse(ask.prompt, ask.triplet), settings, ask.box)
        cast = Cast(FakeDiffusion(), FakeAnalyst(), self._reasoner)
        run = asyncio.run(collect(request, cast, on_event))
        return drawn_of(run, 1.5)


@pytest.fixture
def painter() -> FakePainter:
    """A painter that needs no models."""
    return FakePainter()


@pytest.fixture
def judging() -> FakePainter:
    """One whose reasoner looks again, and finds corrections better than the candidate."""
    return FakePainter(FakeJudge({1: WRONG}))


@pytest.fixture
def events(painter: FakePainter) -> list[Event]:
    """Everything that happens in one story of the full method."""
    told: list[Event] = []
    painter.draw(Ask(KICK), told.append)
    return told


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The HTTP edge over fakes, listening on a free port of this machine."""
    with serving(app_over_fakes()) as url:
        yield url


def grey(image: Image.Image) -> float:
    """A flat picture's only value."""
    pixels = np.asarray(image)
    assert pixels.min() == pixels.max()
    return float(pixels.mean())
