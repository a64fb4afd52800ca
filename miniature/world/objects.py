"""The ten objects: clean shapes that a child would name at a glance, each with a colour of its own."""

from __future__ import annotations

from collections.abc import Callable

from miniature.world.animals_and_wheels import paint_bicycle, paint_dog
from miniature.world.canvas import Canvas, Colour, mix, shade

RADIUS: dict[str, float] = {
    "ball": 1.5,
    "box": 1.65,
    "chair": 2.5,
    "umbrella": 2.7,
    "kite": 2.3,
    "book": 1.7,
    "drum": 1.6,
    "bag": 1.75,
    "bicycle": 3.1,
    "dog": 2.4,
}
"""Half of the larger extent, in body units (a grown person is 11 to 12 units tall)."""

SEAT: dict[str, float] = {
    "ball": -0.92,
    "box": -0.66,
    "chair": 0.02,
    "umbrella": -0.86,
    "kite": -0.7,
    "book": -0.6,
    "drum": -0.78,
    "bag": -0.42,
    "bicycle": -0.5,
    "dog": -0.2,
}
"""Height of the place to sit, in radii above (negative) or below the centre."""

FOOT: dict[str, float] = {"book": 0.72, "kite": 0.9, "bicycle": 0.62, "dog": 0.8, "bag": 0.85, "drum": 0.82}
"""Lower edge in radii below the centre; 1 for the others."""

_RED: Colour = (232, 62, 54)
_TAN: Colour = (214, 164, 104)
_PURPLE: Colour = (126, 84, 190)
_PINK: Colour = (236, 72, 150)
_YELLOW: Colour = (252, 206, 60)
_BLUE: Colour = (44, 98, 214)
_CYAN: Colour = (36, 176, 200)
_GREEN: Colour = (40, 146, 84)
_BLACK: Colour = (44, 42, 50)
_WHITE: Colour = (252, 250, 244)


def _ball(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.ellipse((x, y), r, r, _WHITE)
    for start, colour in ((200, _RED), (320, _BLUE), (80, _YELLOW)):
        canvas.pie((x, y), r, r, start, start + 62, colour)
    canvas.ellipse((x, y), r * 0.24, r * 0.24, _WHITE)
    canvas.ring((x, y), r, r * 0.1, shade(_RED, 0.82))


def _box(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    left, right, top, low = x - r * 0.95, x + r * 0.55, y - r * 0.5, y + r
    back = r * 0.38
    canvas.rectangle(left, top, right, low, _TAN)
    canvas.polygon(
        [(left, top), (left + back, top - back), (right + back, top - back), (right, top)], shade(_TAN, 1.18)
    )
    canvas.polygon(
        [(right, top), (right + back, top - back), (right + back, low - back), (right, low)],
        shade(_TAN, 0.78),
    )
    middle = (left + right) / 2
    tape = shade(_TAN, 0.6)
    canvas.polygon(
        [
            (middle - r * 0.16, top),
            (middle - r * 0.16 + back, top - back),
            (middle + r * 0.16 + back, top - back),
            (middle + r * 0.16, top),
        ],
        tape,
    )
    canvas.rectangle(middle - r * 0.16, top, middle + r * 0.16, top + r * 0.45, tape)


def _chair(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    dark = shade(_PURPLE, 0.72)
    for place in (-0.3, 0.38):
        canvas.capsule(
            (x + side * place * r, y + r * 0.2),
            (x + side * place * r, y + r * 0.84),
            r * 0.07,
            r * 0.07,
            dark,
        )
    for place in (-0.52, 0.58):
        canvas.capsule(
            (x + side * place * r, y + r * 0.2),
            (x + side * place * r, y + r * 0.92),
            r * 0.08,
            r * 0.08,
            _PURPLE,
        )
    canvas.capsule(
        (x - side * r * 0.54, y + r * 0.1), (x - side * r * 0.66, y - r * 0.88), r * 0.12, r * 0.12, _PURPLE
    )
    canvas.capsule(
        (x - side * r * 0.5, y + r * 0.14), (x + side * r * 0.6, y + r * 0.14), r * 0.12, r * 0.12, _PURPLE
    )
    canvas.capsule(
        (x - side * r * 0.4, y + r * 0.06), (x + side * r * 0.56, y + r * 0.06), r * 0.09, r * 0.09, _YELLOW
    )


def _umbrella(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    low = y - r * 0.1
    canvas.line([(x, y - r * 0.5), (x, y + r * 0.82)], r * 0.1, _BLACK)
    canvas.arc((x + side * r * 0.15, y + r * 0.82), r * 0.15, 0, 180, r * 0.11, _BLACK)
    canvas.capsule((x, y - r * 0.94), (x, y - r * 0.8), r * 0.05, r * 0.05, _BLACK)
    canvas.half_disc((x, low), r, r * 0.78, _PINK)
    canvas.half_disc((x, low), r * 0.42, r * 0.78, mix(_PINK, _WHITE, 0.5))
    for place in (-0.71, 0.71):
        canvas.half_disc((x + place * r, low + 0.5), r * 0.3, r * 0.13, shade(_PINK, 0.78))
    canvas.half_disc((x, low + 0.5), r * 0.42, r * 0.15, shade(_PINK, 0.78))


def _kite(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    waist, foot = y - r * 0.34, y + r * 0.42
    green = (70, 184, 108)
    tail = [
        (x, foot),
        (x - side * r * 0.2, y + r * 0.62),
        (x, y + r * 0.76),
        (x - side * r * 0.14, y + r * 0.9),
    ]
    canvas.line(tail, r * 0.08, (236, 130, 60))
    canvas.polygon([(x, y - r), (x + r * 0.66, waist), (x, foot), (x - r * 0.66, waist)], _YELLOW)
    canvas.polygon([(x, y - r), (x + r * 0.66, waist), (x, waist)], green)
    canvas.polygon([(x, foot), (x - r * 0.66, waist), (x, waist)], green)
    for place in (0.62, 0.86):
        canvas.ellipse((x - side * r * 0.12, y + r * place), r * 0.13, r * 0.08, (236, 130, 60))


def _book(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    for sign in (-1, 1):
        canvas.polygon(
            [(x, y - r * 0.5), (x + sign * r, y - r * 0.68), (x + sign * r, y + r * 0.54), (x, y + r * 0.74)],
            _BLUE,
        )
        canvas.polygon(
            [
                (x, y - r * 0.42),
                (x + sign * r * 0.86, y - r * 0.58),
                (x + sign * r * 0.86, y + r * 0.4),
                (x, y + r * 0.58),
            ],
            _WHITE if sign == side else shade(_WHITE, 0.92),
        )
        for row in (-0.22, 0.08):
            start, end = (x + sign * r * 0.2, y + r * row), (x + sign * r * 0.68, y + r * (row - 0.09))
            canvas.line([start, end], r * 0.1, (150, 164, 190))
    canvas.line([(x, y - r * 0.44), (x, y + r * 0.64)], r * 0.09, shade(_BLUE, 0.8))


def _drum(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    gold = (246, 190, 60)
    canvas.ellipse((x, y + r * 0.52), r, r * 0.3, gold)
    canvas.ellipse((x, y + r * 0.42), r, r * 0.3, _CYAN)
    canvas.rectangle(x - r, y - r * 0.45, x + r, y + r * 0.42, _CYAN)
    marks = [(x + r * (-0.92 + 0.46 * i), y + r * (-0.12 if i % 2 else 0.5)) for i in range(5)]
    canvas.line(marks, r * 0.13, _WHITE)
    canvas.ellipse((x, y - r * 0.42), r, r * 0.32, gold)
    canvas.ellipse((x, y - r * 0.47), r * 0.94, r * 0.27, _WHITE)


def _bag(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    dark = shade(_GREEN, 0.66)
    canvas.arc((x, y - r * 0.3), r * 0.46, 180, 360, r * 0.16, dark)
    canvas.polygon(
        [
            (x - r * 0.74, y - r * 0.3),
            (x + r * 0.74, y - r * 0.3),
            (x + r, y + r * 0.7),
            (x - r, y + r * 0.7),
        ],
        _GREEN,
    )
    canvas.capsule((x - r * 0.85, y + r * 0.68), (x + r * 0.85, y + r * 0.68), r * 0.15, r * 0.15, _GREEN)
    canvas.pie((x, y - r * 0.31), r * 0.74, r * 0.56, 0, 180, dark)
    canvas.ellipse((x, y + r * 0.2), r * 0.14, r * 0.14, _YELLOW)


_PAINTERS: dict[str, Callable[[Canvas, float, float, float, int], None]] = {
    "ball": _ball,
    "box": _box,
    "chair": _chair,
    "umbrella": _umbrella,
    "kite": _kite,
    "book": _book,
    "drum": _drum,
    "bag": _bag,
    "bicycle": paint_bicycle,
    "dog": paint_dog,
}


def paint_object(canvas: Canvas, name: str, centre: tuple[float, float], radius: float, side: int) -> None:
    """Paint an object of the given half size (pixels); side -1 or 1 is where it faces."""
    _PAINTERS[name](canvas, centre[0], centre[1], radius, side)
