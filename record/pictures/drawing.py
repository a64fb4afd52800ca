"""Pictures of a run for people to look at: tiles with words, boxes and skeletons, and sheets of tiles."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from record.geometry import Box
from record.types import Array

Colour = tuple[int, int, int]

FOUND: Colour = (230, 60, 50)
WANTED: Colour = (30, 150, 60)
PERSON: Colour = (60, 110, 220)
BONE: Colour = (255, 200, 0)
WHITE: Colour = (255, 255, 255)
GREY: Colour = (205, 205, 205)

GAP = 6  # pixels between tiles
CAPTION = 22  # pixels of a caption's strip
LETTER = 0.55  # width of an average letter, in font sizes


def fitted(image: Image.Image, size: int) -> Image.Image:
    """The picture enlarged or reduced to lie centred in a white square of `size` pixels."""
    scale = size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    tile = Image.new("RGB", (size, size), WHITE)
    tile.paste(image.convert("RGB").resize((width, height)), ((size - width) // 2, (size - height) // 2))
    return tile


def words(text: str, size: int, background: Colour = WHITE) -> Image.Image:
    """A tile that says something."""
    tile = Image.new("RGB", (size, size), background)
    height = max(11, size // 11)
    lines = textwrap.wrap(text, int((size - 8) / (height * LETTER)))[: size // (height + 4)]
    ImageDraw.Draw(tile).multiline_text(
        (size / 2, size / 2), "\n".join(lines), "black", font(height), anchor="mm", align="center"
    )
    return tile


def captioned(image: Image.Image, text: str) -> Image.Image:
    """The picture below a line of text, cut off where the picture ends."""
    page = Image.new("RGB", (image.width, image.height + CAPTION), WHITE)
    draw, face = ImageDraw.Draw(page), font(13)
    while len(text) > 1 and draw.textlength(text, face) > image.width - 4:
        text = f"{text[:-2]}…"
    draw.text((3, 4), text, "black", face)
    page.paste(image, (0, CAPTION))
    return page


def framed(image: Image.Image, colour: Colour = WANTED) -> Image.Image:
    """The picture in a coloured frame."""
    marked = image.copy()
    ImageDraw.Draw(marked).rectangle((0, 0, image.width - 1, image.height - 1), outline=colour, width=3)
    return marked


def labelled(image: Image.Image, text: str) -> Image.Image:
    """The picture with a word in its lower left corner."""
    marked = image.copy()
    ImageDraw.Draw(marked).text((4, image.height - 16), text, "black", font(12))
    return marked


def with_boxes(image: Image.Image, *boxes: tuple[Box | None, Colour]) -> Image.Image:
    """The picture with boxes in their colours; None draws nothing."""
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    for box, colour in boxes:
        if box is not None:
            x0, y0, x1, y1 = box.to_list()
            right, bottom = image.width - 1, image.height - 1
            draw.rectangle((x0 * right, y0 * bottom, x1 * right, y1 * bottom), outline=colour, width=2)
    return marked


def with_skeleton(image: Image.Image, keypoints: Array | None) -> Image.Image:
    """The picture with the body's bones drawn between its keypoints (33 x 3: x and y in 0..1)."""
    if keypoints is None:
        return image
    from mediapipe.tasks.python.vision import PoseLandmarksConnections

    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    points = [(float(x) * image.width, float(y) * image.height) for x, y, _ in keypoints]
    for bone in PoseLandmarksConnections.POSE_LANDMARKS:
        draw.line((points[bone.start], points[bone.end]), fill=BONE, width=2)
    for x, y in points:
        draw.ellipse((x - 1.5, y - 1.5, x + 1.5, y + 1.5), fill=FOUND)
    return marked


def sheet(rows: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """All tiles on one page, row by row; a column is as wide as its widest tile."""
    widths = [max(row[i].width for row in rows if i < len(row)) for i in range(max(map(len, rows)))]
    heights = [max(tile.height for tile in row) for row in rows]
    page = Image.new("RGB", (_length(widths), _length(heights)), WHITE)
    for line, row in enumerate(rows):
        for column, tile in enumerate(row):
            left, bottom = _length(widths[:column]), _length(heights[: line + 1]) - GAP
            page.paste(tile, (left, bottom - tile.height))
    return page


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, `size` pixels high."""
    return ImageFont.load_default(size)


def _length(sides: Sequence[int]) -> int:
    """Pixels up to the tile after these, the gaps included."""
    return GAP + sum(side + GAP for side in sides)
