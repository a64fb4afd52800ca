"""Who draws an item, and what comes of it, whatever happens."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from batch.items import Item
from batch.rows import Attempt, Row
from record.errors import EngineStoppedError


@dataclass(frozen=True)
class Painted:
    """A picture as the bytes of a PNG file, and its story as `record.story.run.Run.to_json` tells it."""

    png: bytes
    run: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of an item, and its picture if there is one."""

    row: Row
    png: bytes | None = None


class Painter(Protocol):
    """Draws, once its models are loaded."""

    @property
    def model(self) -> str:
        """What draws: its name, and a digest where there is one."""
        ...

    def paint(self, item: Item) -> Painted:
        """Draw; any error but EngineStoppedError is the item's own and becomes its row."""
        ...


Load = Callable[[], Painter]
"""Loads a painter, in whichever process it is called: it can be pickled."""
Draws = Callable[[Iterable[Item]], Generator[Outcome, None, None]]
"""Draws items in any order and tells of each as it is finished; who closes the generator stops it.

What is raised is no item's own fault: nothing more can be drawn, and what was not told of is still to do.
"""


def in_turn(painter: Painter) -> Draws:
    """Items one after another, in this process."""
    return lambda items: (attempted(painter, item) for item in items)


def attempted(painter: Painter, item: Item, node: str | None = None) -> Outcome:
    """Draw an item; EngineStoppedError where the painter itself is lost."""
    clock = Clock(painter.model, node)
    try:
        painted = painter.paint(item)
    except EngineStoppedError:
        raise
    except Exception as error:
        return Outcome(clock.stop().failed(item, error))
    return Outcome(clock.stop().finished(item, painted.run), painted.png)


class Clock:
    """Takes the time of an attempt of this process, from when it is made."""

    def __init__(self, model: str, node: str | None = None) -> None:
        self._model, self._node = model, node
        self._started, self._began = datetime.now(UTC), time.perf_counter()

    def stop(self) -> Attempt:
        """The attempt, ended now."""
        return Attempt(
            worker=f"{platform.node()}:{os.getpid()}",
            node=self._node,
            model=self._model,
            started=self._started,
            ended=datetime.now(UTC),
            seconds=round(time.perf_counter() - self._began, 4),
        )
