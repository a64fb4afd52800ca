"""A painter without models: it waits a little, and its pictures follow from the prompts' ids."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from batch.items import Item
from batch.painting import Painted
from record.pictures import codec
from record.settings import Settings

EDGE = 8


@dataclass(frozen=True)
class Draw:
    """Somebody began to draw an item, at a time in seconds since 1970."""

    id: str
    began: float


@dataclass(frozen=True)
class LoadToy:
    """Loads a Toy; `log` is a folder in which every process notes what it begins to draw."""

    log: Path
    pause_s: float = 0.0
    deadly: int | None = None

    def __call__(self) -> Toy:
        """Load nothing."""
        return Toy(self.log / f"{os.getpid()}.log", self.pause_s, self.deadly)


class Toy:
    """Takes `pause_s` seconds for a picture; a `deadly` seed ends its process."""

    model = "a toy"

    def __init__(self, log: Path, pause_s: float = 0.0, deadly: int | None = None) -> None:
        self._log, self._pause_s, self._deadly = log, pause_s, deadly

    def paint(self, item: Item) -> Painted:
        """Note it, wait, draw."""
        with self._log.open("a") as log:
            log.write(f"{item.id} {time.time()}\n")
        if self._deadly is not None and item.settings.get("seed") == self._deadly:
            os._exit(1)
        time.sleep(self._pause_s)
        return Painted(picture(item), run(item))


def picture(item: Item) -> bytes:
    """The item's PNG."""
    colour = bytes.fromhex(item.id[:6])
    return codec.to_bytes(Image.new("RGB", (EDGE, EDGE), (colour[0], colour[1], colour[2])))


def run(item: Item) -> Mapping[str, Any]:
    """A story in which nothing happened but the picture."""
    nothing = ("person_box", "object_box_before", "object_box_after", "judged")
    return {
        **dict.fromkeys(nothing),
        "id": f"run-{item.id}",
        "triplet": {"subject": "woman", "verb": "kicking", "object": "ball", "preposition": ""},
        "settings": Settings.build(item.settings).model_dump(),
        "chosen": 0,
        "corrected": False,
        "degraded": [],
    }


def draws(log: Path) -> Iterator[Draw]:
    """What all processes began to draw."""
    for path in log.glob("*.log"):
        for line in path.read_text().splitlines():
            item, began = line.split()
            yield Draw(item, float(began))


def drawn_twice(log: Path, kept: Mapping[str, float]) -> tuple[int, int]:
    """How often an item was drawn after its row was `kept` (id: seconds since 1970), and again before."""
    begun = list(draws(log))
    repeated = sum(1 for one in begun if one.began > kept.get(one.id, float("inf")))
    return repeated, sum(Counter(one.id for one in begun).values()) - len(
        {one.id for one in begun}
    ) - repeated
