"""The ten objects: chunky, and each with a colour and an outline of its own."""

from __future__ import annotations

from collections.abc import Callable

from miniature.world.canvas import Canvas, Colour, shade

RADIUS: dict[str, float] = {
    "ball": 1.5,
    "box": 1.7,
    "chair": 2.2,
    "umbrella": 2.3,
    "kite": 2.0,
    "book": 1.6,
    "drum": 1.7,
    "bag": 1.7,
    "bicycle": 2.9,
    "dog": 2.1,
}
"""Half of the larger extent, in body units (a grown person is 11 units tall)."""

SEAT: dict[str, float] = {"chair": 0.1, "bicycle": -0.4, "dog": -0.2, "bag": -0.5}
"""Height of the place to sit, in radii above (negative) or below the centre; -0.75 for the others."""

FOOT: dict[str, float] = {"kite": 0.95, "bicycle": 0.62, "dog": 0.78, "drum": 0.85, "bag": 0.85}
"""Lower edge in radii below the centre; 1 for the others."""

_RED: Colour = (222, 44, 40)
_TAN: Colour = (206, 152, 84)
_PURPLE: Colour = (122, 70, 170)
_PINK: Colour = (226, 60, 150)
_YELLOW: Colour = (250, 216, 40)
_BLUE: Colour = (36, 84, 214)
_CYAN: Colour = (40, 190, 214)
_GREEN: Colour = (26, 122, 62)
_BLACK: Colour = (28, 28, 32)
_BROWN: Colour = (112, 66, 36)
_WHITE: Colour = (250, 248, 242)


def _ball(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.ellipse((x, y), r, r, _RED)
    canvas.ellipse((x, y), r * 0.45, r * 0.45, _WHITE)


def _box(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.rectangle(x - r, y - r * 0.55, x + r, y + r, _TAN)
    canvas.polygon(
        [(x - r, y - r * 0.55), (x - r * 0.7, y - r), (x + r * 0.7, y - r), (x + r, y - r * 0.55)],
        shade(_TAN, 1.2),
    )
    canvas.rectangle(x - r * 0.2, y - r, x + r * 0.2, y + r * 0.2, shade(_TAN, 0.62))


def _chair(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    for sign in (-1, 1):
        canvas.rectangle(
            x + sign * r * 0.62 - r * 0.15, y - r, x + sign * r * 0.62 + r * 0.15, y + r, _PURPLE
        )
    canvas.rectangle(x - r * 0.77, y - r, x + r * 0.77, y - r * 0.4, shade(_PURPLE, 1.2))
    canvas.rectangle(x - r * 0.9, y + r * 0.05, x + r * 0.9, y + r * 0.42, shade(_PURPLE, 0.75))


def _umbrella(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.rectangle(x - r * 0.09, y - r * 0.2, x + r * 0.09, y + r, _BLACK)
    canvas.half_disc((x, y), r, r, _PINK)
    canvas.half_disc((x, y), r * 0.36, r, shade(_PINK, 1.35))


def _kite(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    waist, foot = y - r * 0.2, y + r * 0.7
    canvas.capsule((x, foot), (x - side * r * 0.25, y + r * 0.85), r * 0.1, r * 0.1, _GREEN)
    canvas.polygon([(x, y - r), (x + r * 0.75, waist), (x, foot), (x - r * 0.75, waist)], _YELLOW)
    canvas.polygon([(x, y - r), (x + r * 0.75, waist), (x, waist)], (40, 160, 90))
    canvas.polygon([(x, foot), (x - r * 0.75, waist), (x, waist)], (40, 160, 90))


def _book(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.rectangle(x - r * 0.78, y - r, x + r * 0.78, y + r, _BLUE)
    canvas.rectangle(x + r * 0.5, y - r * 0.86, x + r * 0.72, y + r * 0.86, _WHITE)
    canvas.rectangle(x - r * 0.5, y - r * 0.6, x + r * 0.25, y - r * 0.2, _YELLOW)


def _drum(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.ellipse((x, y + r * 0.5), r, r * 0.35, shade(_CYAN, 0.7))
    canvas.rectangle(x - r, y - r * 0.5, x + r, y + r * 0.5, _CYAN)
    canvas.rectangle(x - r, y - r * 0.05, x + r, y + r * 0.2, shade(_CYAN, 0.62))
    canvas.ellipse((x, y - r * 0.5), r, r * 0.35, _WHITE)


def _bag(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    canvas.ring((x, y - r * 0.4), r * 0.55, r * 0.2, shade(_GREEN, 0.6))
    canvas.polygon(
        [
            (x - r * 0.7, y - r * 0.35),
            (x + r * 0.7, y - r * 0.35),
            (x + r, y + r * 0.85),
            (x - r, y + r * 0.85),
        ],
        _GREEN,
    )
    canvas.rectangle(x - r * 0.4, y + r * 0.1, x + r * 0.4, y + r * 0.5, shade(_GREEN, 1.9))


def _bicycle(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    wheel, axle, frame = r * 0.44, y + r * 0.18, (244, 120, 20)
    for sign in (-1, 1):
        canvas.ring((x + sign * r * 0.55, axle), wheel, r * 0.13, _BLACK)
    back, front = (x - side * r * 0.55, axle), (x + side * r * 0.55, axle)
    seat, bars = (x - side * r * 0.2, y - r * 0.35), (x + side * r * 0.42, y - r * 0.5)
    for start, end in ((back, seat), (back, front), (seat, bars), (front, bars)):
        canvas.capsule(start, end, r * 0.08, r * 0.08, frame)
    canvas.capsule((seat[0] - r * 0.14, seat[1]), (seat[0] + r * 0.14, seat[1]), r * 0.09, r * 0.09, _BLACK)
    canvas.capsule(bars, (bars[0] + side * r * 0.12, bars[1] - r * 0.12), r * 0.08, r * 0.08, _BLACK)


def _dog(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    dark = shade(_BROWN, 0.6)
    for place in (-0.5, 0.38):
        canvas.capsule(
            (x + side * place * r, y + r * 0.2),
            (x + side * place * r, y + r * 0.62),
            r * 0.16,
            r * 0.16,
            dark,
        )
    canvas.capsule((x - side * r * 0.6, y), (x - side * r * 0.9, y - r * 0.45), r * 0.12, r * 0.1, _BROWN)
    canvas.capsule(
        (x - side * r * 0.45, y + r * 0.1), (x + side * r * 0.4, y + r * 0.1), r * 0.32, r * 0.32, _BROWN
    )
    head = (x + side * r * 0.55, y - r * 0.35)
    canvas.ellipse(head, r * 0.38, r * 0.36, _BROWN)
    canvas.ellipse((head[0] + side * r * 0.28, head[1] + r * 0.12), r * 0.2, r * 0.16, (214, 176, 130))
    canvas.capsule(
        (head[0] - side * r * 0.24, head[1] - r * 0.2),
        (head[0] - side * r * 0.3, head[1] + r * 0.15),
        r * 0.13,
        r * 0.11,
        dark,
    )
    canvas.ellipse((head[0] + side * r * 0.1, head[1] - r * 0.1), r * 0.08, r * 0.08, _BLACK)


_PAINTERS: dict[str, Callable[[Canvas, float, float, float, int], None]] = {
    "ball": _ball,
    "box": _box,
    "chair": _chair,
    "umbrella": _umbrella,
    "kite": _kite,
    "book": _book,
    "drum": _drum,
    "bag": _bag,
    "bicycle": _bicycle,
    "dog": _dog,
}


def paint_object(canvas: Canvas, name: str, centre: tuple[float, float], radius: float, side: int) -> None:
    """Paint an object of the given half size (pixels); side -1 or 1 is where it faces."""
    _PAINTERS[name](canvas, centre[0], centre[1], radius, side)
