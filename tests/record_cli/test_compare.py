from __future__ import annotations

import numpy as np
import pytest

from record.errors import InputError, PromptError
from record.pictures.drawing import CAPTION, GAP, GREY
from record_cli.asking import Ask
from record_cli.compare import TILE, draw_tiles, grid
from tests.record_cli.conftest import KICK, FakePainter


def test_every_method_is_drawn_for_every_seed(painter: FakePainter) -> None:
    tiles = list(draw_tiles(painter, [Ask(KICK, settings={"steps": 3})], ["plain", "record"], [4, 5]))
    assert [(t.method, t.seed, t.caption) for t in tiles] == [
        ("plain", 4, "plain, 1.5 s"),
        ("record", 4, "record, 1.5 s"),
        ("plain", 5, "plain, 1.5 s"),
        ("record", 5, "record, 1.5 s"),
    ]
    assert all(ask.settings["steps"] == 3 for ask in painter.asked)
    assert grid(tiles).size == (GAP + 3 * (TILE + GAP), GAP + 2 * (TILE + CAPTION + GAP))


def test_a_method_that_fails_is_a_grey_tile_with_its_reason(painter: FakePainter) -> None:
    (tile,) = draw_tiles(painter, [Ask(KICK)], ["magic"], [0])
    assert isinstance(tile.outcome, InputError) and tile.caption == "magic"
    pixels = np.asarray(tile.image)
    assert tuple(pixels[0, 0]) == GREY and (pixels != GREY).any()


def test_a_prompt_that_cannot_be_read_is_no_tile(painter: FakePainter) -> None:
    with pytest.raises(PromptError):
        list(draw_tiles(painter, [Ask("a nice sunset")], ["plain"], [0]))


def test_every_prompt_has_a_row(painter: FakePainter) -> None:
    other = "a man is holding a box"
    tiles = list(draw_tiles(painter, [Ask(KICK), Ask(other)], ["plain"], [0]))
    assert [tile.prompt for tile in tiles] == [KICK, other]
    assert grid(tiles).size == (GAP + 2 * (TILE + GAP), GAP + 2 * (TILE + CAPTION + GAP))
