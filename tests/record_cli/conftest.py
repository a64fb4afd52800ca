from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import uvicorn
from PIL import Image

from record.reading.prompt import parse
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Request
from record.story.events import Event
from record_cli.asking import Ask
from record_cli.painter import Drawn, OnEvent
from tests.deployments.conftest import app_over_fakes
from tests.record.fakes import WRONG, FakeAnalyst, FakeDiffusion, FakeJudge, FakeReasoner

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

    def draw(self, ask: Ask, on_event: OnEvent) -> Drawn:
        """Draw flat pictures."""
        self.asked.append(ask)
        settings = Settings.build(ask.settings, {"candidates": 3, "steps": 4})
        request = Request(parse(ask.prompt, ask.triplet), settings, ask.box)
        cast = Cast(FakeDiffusion(), FakeAnalyst(), self._reasoner)
        run = asyncio.run(collect(request, cast, on_event))
        candidates, corrections = (
            tuple(Image.fromarray(one.image) for one in drawn) for drawn in (run.candidates, run.corrections)
        )
        return Drawn(run.image, candidates, run.to_json(), 1.5, corrections)


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
    server = uvicorn.Server(uvicorn.Config(app_over_fakes(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.02)
    (socket,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


def grey(image: Image.Image) -> float:
    """A flat picture's only value."""
    pixels = np.asarray(image)
    assert pixels.min() == pixels.max()
    return float(pixels.mean())
