"""A canvas of 256 pixels with the strokes that a flat illustration needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from miniature.world.canvas import BACKGROUND, OBJECT, PERSON, Colour, Point, shade
from miniature.world.canvas import Canvas as _Canvas

__all__ = ["BACKGROUND", "OBJECT", "PERSON", "SIDE", "Canvas", "Colour", "Point", "mix", "shade"]

SIDE = 256
_SCALE = 2


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` (0..1) of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Canvas(_Canvas):
    """SIDE x SIDE pixels drawn twice as large; all lengths are in final pixels, angles in degrees."""

    def __init__(self) -> None:
        """Start with black and an empty mask."""
        super().__init__(SIDE, _SCALE)

    def gradient(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """Fill a band over the whole width with a vertical gradient; it counts as background."""
        first, last = round(top * _SCALE), round(bottom * _SCALE)
        share = np.linspace(0, 1, max(1, last - first))[:, None]
        column = np.asarray(upper) + share * (np.asarray(lower) - np.asarray(upper))
        band = np.broadcast_to(column.astype(np.uint8)[:, None], (len(column), SIDE * _SCALE, 3))
        self._picture.paste(Image.fromarray(np.ascontiguousarray(band)), (0, first))

    def pie(self, centre: Point, wide: float, high: float, start: float, end: float, colour: Colour) -> None:
        """Fill a sector of an ellipse, clockwise from `start` to `end`; 0 is to the right."""
        box = self._box(centre, wide, high)
        for pen, coloured in self._pens:
            pen.pieslice(box, start, end, fill=self._fill(colour, coloured))

    def arc(
        self, centre: Point, radius: float, start: float, end: float, width: float, colour: Colour
    ) -> None:
        """Draw a part of a circle's line, round at both ends."""
        turns = [math.radians(start + (end - start) * i / 12) for i in range(13)]
        points = [(centre[0] + radius * math.cos(t), centre[1] + radius * math.sin(t)) for t in turns]
        self.line(points, width, colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a thick line through points with round corners and ends."""
        for start, end in zip(points[:-1], points[1:], strict=True):
            self.capsule(start, end, width / 2, width / 2, colour)
