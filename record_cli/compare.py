"""Prompts by several methods, as a grid of pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from PIL import Image

from record.errors import InputError, ReCorDError
from record.pictures.drawing import GREY, captioned, fitted, sheet, words
from record_cli.asking import Ask
from record_cli.painter import Drawn, Painter

TILE = 192


@dataclass(frozen=True)
class Tile:
    """One method's picture for one prompt and seed, or why there is none."""

    prompt: str
    method: str
    seed: int
    outcome: Drawn | ReCorDError

    @property
    def caption(self) -> str:
        """The method, and the seconds it took if it drew."""
        return (
            f"{self.method}, {self.outcome.seconds:.1f} s" if isinstance(self.outcome, Drawn) else self.method
        )

    @property
    def image(self) -> Image.Image:
        """The picture, or a grey square with the reason."""
        if isinstance(self.outcome, Drawn):
            return fitted(self.outcome.image, TILE)
        return words(str(self.outcome), TILE, GREY)


def draw_tiles(
    painter: Painter, asks: Sequence[Ask], methods: Sequence[str], seeds: Sequence[int]
) -> Iterator[Tile]:
    """A tile for every prompt, seed and method, as each is finished; an unreadable prompt is raised."""
    for ask, seed, method in product(asks, seeds, methods):
        yield Tile(ask.prompt, method, seed, _outcome(painter, ask.but(method=method, seed=seed)))


def grid(tiles: Sequence[Tile]) -> Image.Image:
    """A row for every prompt and seed, a column for every method."""
    rows = []
    for prompt, seed in dict.fromkeys((tile.prompt, tile.seed) for tile in tiles):
        row = [tile for tile in tiles if (tile.prompt, tile.seed) == (prompt, seed)]
        head = captioned(words(prompt, TILE), f"seed {seed}")
        rows.append([head, *(captioned(tile.image, tile.caption) for tile in row)])
    return sheet(rows)


def _outcome(painter: Painter, ask: Ask) -> Drawn | ReCorDError:
    try:
        return painter.draw(ask, lambda event: None)
    except ReCorDError as error:
        if isinstance(error, InputError) and error.param == "prompt":
            raise
        return error
