from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from record.geometry import Box
from record.pictures import drawing


def flat(width: int, height: int, grey: int = 100) -> Image.Image:
    return Image.new("RGB", (width, height), (grey,) * 3)


def test_a_tile_is_square_and_keeps_the_pictures_shape() -> None:
    pixels = np.asarray(drawing.fitted(flat(20, 10), 40))
    assert pixels.shape == (40, 40, 3)
    assert (pixels[10:30] == 100).all() and (pixels[:10] == 255).all() and (pixels[30:] == 255).all()


def test_boxes_are_drawn_where_they_lie_and_leave_the_original() -> None:
    image = flat(101, 101)
    pixels = np.asarray(
        drawing.with_boxes(image, (Box(0.2, 0.4, 0.6, 0.8), drawing.WANTED), (None, drawing.FOUND))
    )
    assert tuple(pixels[40, 30]) == drawing.WANTED and tuple(pixels[60, 40]) == (100,) * 3
    assert (np.asarray(image) == 100).all()


def test_a_skeleton_joins_its_points_and_none_draws_nothing() -> None:
    image, points = flat(64, 64), np.full((33, 3), 0.5, np.float32)
    marked = np.asarray(drawing.with_skeleton(image, points))
    assert tuple(marked[32, 32]) == drawing.FOUND and tuple(marked[5, 5]) == (100,) * 3
    assert drawing.with_skeleton(image, None) is image


def test_a_caption_too_long_is_cut_and_the_picture_stays_whole() -> None:
    page = drawing.captioned(flat(60, 60), "a caption that does not fit in sixty pixels")
    assert page.size == (60, 60 + drawing.CAPTION)
    assert (np.asarray(page)[drawing.CAPTION :] == 100).all()


@pytest.mark.parametrize("text", ["", "short", "a long reason " * 40])
def test_words_stay_inside_their_tile(text: str) -> None:
    pixels = np.asarray(drawing.words(text, 96, drawing.GREY))
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (border == drawing.GREY).all()
    assert (pixels != drawing.GREY).any() == bool(text)


def test_a_sheet_places_tiles_apart_and_rows_may_differ_in_length() -> None:
    page = np.asarray(drawing.sheet([[flat(30, 30, 10), flat(20, 20, 20)], [flat(30, 30, 30)]]))
    gap = drawing.GAP
    assert page.shape == (3 * gap + 60, 3 * gap + 50, 3)
    assert page[gap, gap, 0] == 10 and page[-gap - 1, gap, 0] == 30
    assert page[gap + 29, 2 * gap + 30, 0] == 20 and page[gap, 2 * gap + 30, 0] == 255, (
        "tiles stand on a line"
    )
