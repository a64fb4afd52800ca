"""The two objects that need most strokes: a dog and a bicycle."""

from __future__ import annotations

from miniature.world.canvas import Canvas, Colour, shade

_BLACK: Colour = (44, 42, 50)
_BROWN: Colour = (158, 98, 56)
_CREAM: Colour = (244, 220, 184)
_ORANGE: Colour = (244, 124, 32)
_STEEL: Colour = (206, 212, 220)


def paint_bicycle(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    """Two wheels, a diamond frame, saddle and handlebar; it goes towards `side`."""
    wheel, axle = r * 0.43, y + r * 0.19
    back, front = (x - side * r * 0.57, axle), (x + side * r * 0.57, axle)
    for hub in (back, front):
        canvas.ring(hub, wheel, r * 0.105, _BLACK)
        canvas.ring(hub, wheel - r * 0.1, r * 0.035, _STEEL)
        canvas.ellipse(hub, r * 0.07, r * 0.07, _STEEL)
    pedals = (x - side * r * 0.06, axle + r * 0.04)
    seat, head = (x - side * r * 0.22, y - r * 0.34), (x + side * r * 0.4, y - r * 0.4)
    for start, end in (
        (back, seat),
        (back, pedals),
        (pedals, seat),
        (pedals, head),
        (seat, head),
        (front, head),
    ):
        canvas.capsule(start, end, r * 0.052, r * 0.052, _ORANGE)
    canvas.ellipse(pedals, r * 0.11, r * 0.11, _BLACK)
    canvas.capsule(
        (seat[0] - side * r * 0.14, seat[1] - r * 0.07),
        (seat[0] + side * r * 0.12, seat[1] - r * 0.07),
        r * 0.075,
        r * 0.05,
        _BLACK,
    )
    bars = (head[0] - side * r * 0.03, head[1] - r * 0.16)
    canvas.capsule(head, bars, r * 0.045, r * 0.045, _BLACK)
    canvas.capsule(bars, (bars[0] + side * r * 0.16, bars[1] - r * 0.03), r * 0.055, r * 0.055, _BLACK)


def paint_dog(canvas: Canvas, x: float, y: float, r: float, side: int) -> None:
    """A dog from the side that looks towards `side`."""
    dark = shade(_BROWN, 0.7)

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + side * dx * r, y + dy * r

    for place in (-0.36, 0.3):
        canvas.capsule(at(place, 0.3), at(place, 0.66), r * 0.12, r * 0.12, dark)
    canvas.capsule(at(-0.62, 0.02), at(-0.88, -0.4), r * 0.11, r * 0.08, _BROWN)
    canvas.capsule(at(-0.42, 0.12), at(0.34, 0.08), r * 0.3, r * 0.32, _BROWN)
    for place in (-0.54, 0.42):
        canvas.capsule(at(place, 0.25), at(place, 0.66), r * 0.13, r * 0.13, _BROWN)
        canvas.capsule(at(place, 0.69), at(place + 0.08, 0.69), r * 0.11, r * 0.11, _CREAM)
    canvas.capsule(at(0.34, -0.02), at(0.5, -0.3), r * 0.24, r * 0.24, _BROWN)
    canvas.capsule(at(0.26, -0.12), at(0.58, -0.02), r * 0.07, r * 0.07, (226, 60, 56))
    canvas.ellipse(at(0.54, -0.46), r * 0.34, r * 0.32, _BROWN)
    canvas.capsule(at(0.7, -0.36), at(0.86, -0.34), r * 0.17, r * 0.14, _CREAM)
    canvas.ellipse(at(0.95, -0.42), r * 0.085, r * 0.075, _BLACK)
    canvas.capsule(at(0.34, -0.66), at(0.24, -0.26), r * 0.13, r * 0.14, dark)
    canvas.ellipse(at(0.62, -0.54), r * 0.065, r * 0.075, _BLACK)
