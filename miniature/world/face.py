"""Heads: hair, ears and a face that looks somewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

from miniature.world.canvas import Canvas, Colour, Point, mix, shade
from miniature.world.looks import Look

_EYE: Colour = (46, 38, 44)
_WHITE: Colour = (255, 255, 255)
_LIPS: Colour = (196, 70, 72)
_LARGEST_TURN = 0.85
_LARGEST_NOD = 0.2


@dataclass(frozen=True)
class Gaze:
    """Where a face looks: `aside` -1 (left in the picture) to 1, `down` -1 (up) to 1."""

    aside: float = 0.0
    down: float = 0.0


class _Head:
    """Places on a head that is turned: angles in radians from the middle of the face."""

    def __init__(self, centre: Point, k: float, gaze: Gaze) -> None:
        self.x, self.y = centre
        self.k, self.turn = k, gaze.aside * _LARGEST_TURN
        self.nod = gaze.down * _LARGEST_NOD

    def at(self, angle: float, y: float) -> Point:
        return self.x + math.sin(angle + self.turn) * 0.95 * self.k, self.y + (y + self.nod) * self.k

    def seen(self, angle: float) -> bool:
        return abs(angle + self.turn) < 1.3

    def narrow(self, angle: float) -> float:
        return max(0.45, math.cos(angle + self.turn))


def face_points(centre: Point, k: float, gaze: Gaze) -> dict[str, Point]:
    """Nose and eyes for a head of size `k`; "left" is the person's own, at the right of the picture."""
    head = _Head(centre, k, gaze)
    return {"nose": head.at(0, 0.2), "right_eye": head.at(-0.42, -0.02), "left_eye": head.at(0.42, -0.02)}


def paint_back_hair(canvas: Canvas, centre: Point, k: float, look: Look) -> None:
    """Paint the hair that hangs behind the shoulders."""
    x, y = centre
    if look.cut == "long":
        canvas.capsule((x, y - 0.1 * k), (x, y + 1.1 * k), 1.06 * k, 0.9 * k, shade(look.hair, 0.86))
    if look.cut == "tails":
        for sign in (-1, 1):
            root, tip = (x + sign * 0.92 * k, y + 0.42 * k), (x + sign * 1.2 * k, y + 1.2 * k)
            canvas.capsule(root, tip, 0.26 * k, 0.2 * k, look.hair)
            canvas.ellipse(root, 0.2 * k, 0.2 * k, (232, 74, 96))


def paint_head(canvas: Canvas, centre: Point, k: float, look: Look, skin: Colour, gaze: Gaze) -> None:
    """Paint head, hair and face; k (pixels) is about half of the head's width."""
    head, (x, y) = _Head(centre, k, gaze), centre
    back = x - 0.1 * math.sin(head.turn) * k
    canvas.ellipse((back, y - 0.12 * k), 1.06 * k, 1.08 * k, look.hair)
    for angle in (-1.45, 1.45):
        if abs(angle + head.turn) < 2.2:
            ex, ey = head.at(angle, 0.12)
            canvas.ellipse((ex, ey), 0.2 * k, 0.24 * k, shade(skin, 0.92))
    canvas.ellipse((x, y + 0.1 * k), 0.94 * k, 0.96 * k, skin)
    _paint_fringe(canvas, head, look)
    _paint_features(canvas, head, look, skin)


def _paint_fringe(canvas: Canvas, head: _Head, look: Look) -> None:
    k, shift = head.k, -0.14 * math.sin(head.turn)
    x, low = head.x + shift * k, head.y + (-0.36 + 0.5 * head.nod) * k
    high = low - (head.y - 1.2 * k)
    canvas.half_disc((x, low), 1.0 * k, high, look.hair)
    if look.cut == "tousled":
        for dx, dy in ((-0.55, -0.72), (0.0, -0.95), (0.55, -0.72)):
            canvas.ellipse((x + dx * k, head.y + dy * k), 0.34 * k, 0.36 * k, look.hair)
        canvas.ellipse((x + 0.2 * k, low), 0.42 * k, 0.2 * k, look.hair)
    elif look.cut == "short":
        canvas.capsule(
            (x - 0.5 * k, low - 0.06 * k), (x + 0.5 * k, low - 0.06 * k), 0.2 * k, 0.14 * k, look.hair
        )
    else:
        for dx in (-0.5, 0.5):
            canvas.ellipse((x + dx * k, low), 0.46 * k, 0.2 * k, look.hair)


def _paint_features(canvas: Canvas, head: _Head, look: Look, skin: Colour) -> None:
    k = head.k
    for angle in (-0.42, 0.42):
        cheek = angle * 1.45
        if head.seen(cheek):
            canvas.ellipse(
                head.at(cheek, 0.38), 0.17 * k * head.narrow(cheek), 0.12 * k, mix(skin, (236, 96, 90), 0.32)
            )
        if not head.seen(angle):
            continue
        (ex, ey), narrow = head.at(angle, -0.02), head.narrow(angle)
        canvas.ellipse((ex, ey), 0.15 * k * narrow, 0.19 * k, _EYE)
        canvas.ellipse((ex + 0.04 * k, ey - 0.07 * k), 0.05 * k, 0.05 * k, _WHITE)
        brow, rise = shade(look.hair, 0.8), ey - 0.33 * k
        canvas.capsule(
            (ex - 0.18 * k * narrow, rise), (ex + 0.18 * k * narrow, rise), 0.06 * k, 0.06 * k, brow
        )
    nx, ny = head.at(0, 0.22)
    canvas.ellipse((nx, ny), 0.14 * k, 0.12 * k, shade(skin, 0.84))
    if head.seen(0.15) and head.seen(-0.15):
        mouth, narrow = head.at(0, 0.46), head.narrow(0)
        canvas.pie(mouth, 0.32 * k * narrow, 0.26 * k, 0, 180, _LIPS)
