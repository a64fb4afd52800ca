"""A picture of 256 pixels and the mask of what it shows, with the strokes that a flat illustration needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]

SIDE = 256
_SCALE = 2
BACKGROUND, PERSON, OBJECT = 0, 1, 2


def shade(colour: Colour, factor: float) -> Colour:
    """Darken (factor below 1) or lighten a colour."""
    red, green, blue = (max(0, min(255, int(value * factor))) for value in colour)
    return red, green, blue


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A colour between two: `share` (0..1) of the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Canvas:
    """SIDE x SIDE pixels drawn twice as large; all lengths are in final pixels, angles in degrees."""

    def __init__(self) -> None:
        """Start with black and an empty mask."""
        size = (SIDE * _SCALE, SIDE * _SCALE)
        self._picture = Image.new("RGB", size)
        self._mask = Image.new("L", size)
        self._pens = ((ImageDraw.Draw(self._picture), True), (ImageDraw.Draw(self._mask), False))
        self.layer = BACKGROUND

    def _fill(self, colour: Colour, coloured: bool) -> Colour | int:
        return colour if coloured else self.layer

    def polygon(self, points: list[Point], colour: Colour) -> None:
        """Fill a polygon."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        for pen, coloured in self._pens:
            pen.polygon(scaled, fill=self._fill(colour, coloured))

    def rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: Colour) -> None:
        """Fill an axis-aligned rectangle."""
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour)

    def ellipse(self, centre: Point, half_width: float, half_height: float, colour: Colour) -> None:
        """Fill an ellipse."""
        box = self._box(centre, half_width, half_height)
        for pen, coloured in self._pens:
            pen.ellipse(box, fill=self._fill(colour, coloured))

    def ring(self, centre: Point, radius: float, width: float, colour: Colour) -> None:
        """Draw a circle's outline of the given width, inside the radius."""
        for pen, coloured in self._pens:
            fill = self._fill(colour, coloured)
            pen.ellipse(self._box(centre, radius, radius), outline=fill, width=round(width * _SCALE))

    def half_disc(self, centre: Point, half_width: float, half_height: float, colour: Colour) -> None:
        """Fill the upper half of an ellipse."""
        box = self._box(centre, half_width, half_height)
        for pen, coloured in self._pens:
            pen.pieslice(box, 180, 360, fill=self._fill(colour, coloured))

    def capsule(self, start: Point, end: Point, radius: float, end_radius: float, colour: Colour) -> None:
        """Fill a limb: two discs and what lies between them."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length, dx / length
        corners = [
            (start[0] + nx * radius, start[1] + ny * radius),
            (end[0] + nx * end_radius, end[1] + ny * end_radius),
            (end[0] - nx * end_radius, end[1] - ny * end_radius),
            (start[0] - nx * radius, start[1] - ny * radius),
        ]
        self.polygon(corners, colour)
        self.ellipse(start, radius, radius, colour)
        self.ellipse(end, end_radius, end_radius, colour)

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

    def picture(self) -> np.ndarray:
        """The picture, uint8 (256, 256, 3)."""
        return np.asarray(self._picture.reduce(_SCALE))

    def mask(self, layer: int) -> np.ndarray:
        """Where the layer is seen, bool (256, 256): more than half of a pixel."""
        fine, step = (np.asarray(self._mask) == layer).view(np.uint8), _SCALE
        counts = np.zeros((SIDE, SIDE), dtype=np.uint8)
        for row in range(step):
            for column in range(step):
                counts += fine[row::step, column::step]
        return np.asarray(2 * counts > step * step)

    def _box(self, centre: Point, half_width: float, half_height: float) -> tuple[float, float, float, float]:
        x, y = centre[0] * _SCALE, centre[1] * _SCALE
        wide, high = half_width * _SCALE, half_height * _SCALE
        return x - wide, y - high, x + wide, y + high
