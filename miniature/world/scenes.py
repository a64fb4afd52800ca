"""Backgrounds: soft gradients and a few calm shapes behind people and objects."""

from __future__ import annotations

import random
from collections.abc import Callable

from miniature.world.canvas import SIDE, Canvas, Colour, shade

_WHITE: Colour = (252, 252, 250)
_WALLS: tuple[Colour, ...] = ((250, 242, 206), (218, 234, 240), (234, 228, 246), (224, 236, 216))
_HOUSES: tuple[Colour, ...] = ((246, 232, 176), (200, 216, 238), (226, 208, 234), (206, 228, 200))


def _cloud(canvas: Canvas, x: float, y: float, size: float) -> None:
    for dx, dy, r in ((-1.1, 0.2, 0.6), (0.0, -0.1, 0.85), (1.1, 0.2, 0.65)):
        canvas.ellipse((x + dx * size, y + dy * size), r * size * 1.2, r * size, _WHITE)


def _sun_or_cloud(rng: random.Random, canvas: Canvas) -> None:
    x, y = rng.uniform(24, SIDE - 24), rng.uniform(22, 50)
    if rng.random() < 0.5:
        canvas.ellipse((x, y), 17, 17, (255, 232, 140))
    else:
        _cloud(canvas, x, y + 6, rng.uniform(13, 19))


def _park(rng: random.Random, canvas: Canvas, horizon: float) -> Colour:
    canvas.gradient(0, horizon, (142, 206, 244), (222, 242, 252))
    _sun_or_cloud(rng, canvas)
    middle = rng.uniform(0, SIDE)
    canvas.ellipse((middle, horizon + 26), rng.uniform(90, 150), rng.uniform(46, 62), (166, 214, 140))
    if rng.random() < 0.75:
        x = rng.choice((rng.uniform(14, 58), rng.uniform(SIDE - 58, SIDE - 14)))
        canvas.rectangle(x - 6, horizon - 50, x + 6, horizon + 10, (158, 114, 78))
        crown = (98, 176, 104)
        for dx, dy, r in ((-17, 0, 22), (17, 0, 22), (0, -20, 25)):
            canvas.ellipse((x + dx, horizon - 58 + dy), r, r, crown)
    canvas.gradient(horizon, SIDE, (140, 204, 108), (104, 178, 90))
    return 112, 182, 92


def _room(rng: random.Random, canvas: Canvas, horizon: float) -> Colour:
    wall = rng.choice(_WALLS)
    canvas.gradient(0, horizon, wall, shade(wall, 0.96))
    x = rng.choice((rng.uniform(36, 70), rng.uniform(SIDE - 70, SIDE - 36)))
    y = rng.uniform(50, 74)
    if rng.random() < 0.6:
        canvas.rectangle(x - 30, y - 36, x + 30, y + 36, _WHITE)
        for left, right in ((x - 25, x - 2), (x + 2, x + 25)):
            canvas.rectangle(left, y - 31, right, y + 31, (174, 220, 246))
        canvas.rectangle(x - 34, y + 34, x + 34, y + 41, shade(_WHITE, 0.94))
    else:
        canvas.rectangle(x - 27, y - 21, x + 27, y + 21, (176, 132, 92))
        canvas.rectangle(x - 22, y - 16, x + 22, y + 16, (206, 232, 244))
        canvas.polygon([(x - 22, y + 16), (x - 4, y - 6), (x + 12, y + 16)], (132, 180, 130))
    floor = (178, 196, 200)
    canvas.gradient(horizon, SIDE, floor, shade(floor, 0.9))
    canvas.rectangle(0, horizon - 6, SIDE, horizon, _WHITE)
    return shade(floor, 0.94)


def _street(rng: random.Random, canvas: Canvas, horizon: float) -> Colour:
    canvas.gradient(0, horizon, (176, 214, 240), (232, 240, 246))
    left = -rng.uniform(0, 50)
    while left < SIDE:
        wide, top = rng.uniform(66, 96), horizon - rng.uniform(78, 122)
        wall = rng.choice(_HOUSES)
        canvas.rectangle(left, top, left + wide, horizon, wall)
        roof = [(left - 4, top), (left + wide / 2, top - 24), (left + wide + 4, top)]
        canvas.polygon(roof, shade(wall, 0.8))
        for column in (0.28, 0.72):
            for y in (top + 22, top + 58):
                x = left + column * wide
                canvas.rectangle(x - 9, y - 11, x + 9, y + 11, (250, 246, 226))
        left += wide + rng.choice((0.0, 14.0))
    canvas.rectangle(0, horizon, SIDE, horizon + 16, (226, 226, 228))
    canvas.gradient(horizon + 16, SIDE, (168, 174, 186), (152, 158, 172))
    return 158, 164, 178


def _beach(rng: random.Random, canvas: Canvas, horizon: float) -> Colour:
    sea = horizon - rng.uniform(30, 44)
    canvas.gradient(0, sea, (150, 212, 246), (236, 246, 250))
    _sun_or_cloud(rng, canvas)
    canvas.gradient(sea, horizon, (64, 164, 206), (130, 212, 226))
    if rng.random() < 0.6:
        x = rng.choice((rng.uniform(26, 64), rng.uniform(SIDE - 64, SIDE - 26)))
        canvas.polygon([(x + 1, sea - 34), (x + 1, sea + 1), (x + 23, sea + 1)], _WHITE)
        canvas.polygon(
            [(x - 20, sea + 5), (x + 26, sea + 5), (x + 17, sea + 15), (x - 12, sea + 15)], (196, 92, 74)
        )
    canvas.rectangle(0, horizon - 4, SIDE, horizon, _WHITE)
    canvas.gradient(horizon, SIDE, (254, 242, 204), (246, 226, 166))
    return 248, 230, 174


_PAINTERS: dict[str, Callable[[random.Random, Canvas, float], Colour]] = {
    "in the park": _park,
    "in a room": _room,
    "on the street": _street,
    "on the beach": _beach,
}


def paint_scene(rng: random.Random, canvas: Canvas, scene: str) -> Colour:
    """Paint the whole background; returns the ground's colour. KeyError for an unknown scene."""
    return _PAINTERS[scene](rng, canvas, rng.uniform(0.6, 0.7) * SIDE)
