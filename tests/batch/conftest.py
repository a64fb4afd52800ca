from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batch.folder import Folder
from batch.items import Item
from batch.painting import Painted
from benchmarks.batch.toy import Toy
from record.errors import PromptError

KICK = "a woman is kicking a ball"


class Moody(Toy):
    """A toy that refuses some prompts, and remembers what it drew."""

    def __init__(self, log: Path, refuses: str = "sunset") -> None:
        super().__init__(log)
        self.refuses, self.drawn = refuses, list[Item]()

    def paint(self, item: Item) -> Painted:
        """Draw, or refuse."""
        self.drawn.append(item)
        if self.refuses in item.prompt:
            raise PromptError(f"{item.prompt!r} shows no interaction", param="prompt", code="no_interaction")
        return super().paint(item)


@pytest.fixture
def moody(tmp_path: Path) -> Moody:
    """A painter that draws no sunsets."""
    return Moody(tmp_path / "toy.log")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Folder]]:
    """Opens the folder `out`, as a process does; what was open before is closed, as when a process ends."""
    last: list[Folder] = []

    def open_it(model: str = Toy.model, **more: object) -> Folder:
        while last:
            last.pop().close()
        last.append(Folder(tmp_path / "out", model, **more))  # type: ignore[arg-type]
        return last[-1]

    yield open_it
    while last:
        last.pop().close()


def seeds(*numbers: int, prompt: str = KICK) -> list[Item]:
    """Items that differ by their seeds."""
    return [Item(line, prompt, settings={"seed": seed}) for line, seed in enumerate(numbers, 2)]
