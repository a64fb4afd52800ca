"""One prompt by several methods, as a grid of pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from cli.asking import Ask
from cli.painter import Drawn, Painter
from record.drawing import GREY, captioned, fitted, sheet, words
from record.errors import InputError, ReCorDError

TILE = 192


@dataclass(frozen=True)
class Tile:
    """One method's picture for one seed, or why there is none."""

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


def draw_tiles(painter: Painter, ask: Ask, methods: Sequence[str], seeds: Sequence[int]) -> Iterator[Tile]:
    """A tile for every seed and method, as each is finished; a prompt that cannot be read is raised."""
    for seed in seeds:
        for method in methods:
            yield Tile(method, seed, _outcome(painter, ask.but(method=method, seed=seed)))


def grid(prompt: str, tiles: Sequence[Tile]) -> Image.Image:
    """A row for every seed, a column for every method."""
    rows = []
    for seed in dict.fromkeys(tile.seed for tile in tiles):
        row = [captioned(tile.image, tile.caption) for tile in tiles if tile.seed == seed]
        rows.append([captioned(words(prompt, TILE), f"seed {seed}"), *row])
    return sheet(rows)


def _outcome(painter: Painter, ask: Ask) -> Drawn | ReCorDError:
    try:
        return painter.draw(ask, lambda event: None)
    except ReCorDError as error:
        if isinstance(error, InputError) and error.param == "prompt":
            raise
        return error
