from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.studio.browsing import browser, open_page
from tests.studio.cast import World
from tests.studio.serving import Served, served

__all__ = ["browser", "open_page"]

Serve = Callable[..., Served]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def serve(world: World) -> Iterator[Serve]:
    """Serves the real application over `world`, until the test ends."""
    with ExitStack() as services:

        def start(**args: Any) -> Served:
            return services.enter_context(served(world, **args))

        yield start
        world.gate.set()
