"""A picture and the mask of what it shows, drawn together with thick simple shapes."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, int, int]

SIDE = 128
SCALE = 2
BACKGROUND, PERSON, OBJECT = 0, 1, 2


def shade(colour: Colour, factor: float) -> Colour:
    """Darken (factor below 1) or lighten a colour."""
    red, green, blue = (max(0, min(255, int(value * factor))) for value in colour)
    return red, green, blue


class Canvas:
    """A square picture of `side` pixels drawn `scale` times larger; all lengths are in final pixels."""

    def __init__(self, side: int = SIDE, scale: int = SCALE) -> None:
        """Start with black and an empty mask."""
        self.side, self.scale = side, scale
        size = (side * scale, side * scale)
        self._picture = Image.new("RGB", size)
        self._mask = Image.new("L", size)
        self._pens = ((ImageDraw.Draw(self._picture), True), (ImageDraw.Draw(self._mask), False))
        self.layer = BACKGROUND

    def _fill(self, colour: Colour, coloured: bool) -> Colour | int:
        return colour if coloured else self.layer

    def polygon(self, points: list[Point], colour: Colour) -> None:
        """Fill a polygon."""
        scaled = [(x * self.scale, y * self.scale) for x, y in points]
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
            pen.ellipse(self._box(centre, radius, radius), outline=fill, width=round(width * self.scale))

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

    def picture(self) -> np.ndarray:
        """The picture, uint8 (side, side, 3)."""
        return np.asarray(self._picture.reduce(self.scale))

    def mask(self, layer: int) -> np.ndarray:
        """Where the layer is seen, bool (side, side): more than half of a pixel."""
        fine, step = (np.asarray(self._mask) == layer).view(np.uint8), self.scale
        counts = np.zeros((self.side, self.side), dtype=np.uint8)
        for row in range(step):
            for column in range(step):
                counts += fine[row::step, column::step]
        return np.asarray(2 * counts > step * step)

    def _box(self, centre: Point, half_width: float, half_height: float) -> tuple[float, float, float, float]:
        x, y = centre[0] * self.scale, centre[1] * self.scale
        wide, high = half_width * self.scale, half_height * self.scale
        return x - wide, y - high, x + wide, y + high
