"""Where a person and an object go, and where the person looks."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from miniature.world.bias import Said
from miniature.world.canvas import SIDE, Point
from miniature.world.face import Gaze
from miniature.world.figure import Figure, joints
from miniature.world.looks import LOOKS, SKINS, Look
from miniature.world.objects import FOOT, RADIUS
from miniature.world.poses import Pose

_UNIT = 11.8
_EDGE = 3.0
_GAZES = {"at the object": 0.35, "at the viewer": 0.45, "sideways": 0.1, "up": 0.05, "down": 0.05}
_ON_THE_GROUND = 0.6
"""Share of objects beside a person that stand on the ground; the others are anywhere in the picture."""


@dataclass(frozen=True)
class Thing:
    """An object in pixels; `ground` is the height it stands on, None where it floats."""

    name: str
    centre: Point
    radius: float
    side: int
    ground: float | None = None


def _extent(points: dict[str, Point], pose: Pose, look: Look) -> tuple[float, float, float, float]:
    xs, ys = [p[0] for p in points.values()], [p[1] for p in points.values()]
    x0, x1 = min(xs) - 1.15, max(xs) + 1.15
    x0, x1 = min(x0, points["head"][0] - 1.5 * look.head), max(x1, points["head"][0] + 1.5 * look.head)
    y0, y1 = min(min(ys) - 1.1, points["head"][1] - 1.3 * look.head), max(max(ys) + 0.6, pose.ground)
    if pose.radius:
        (x, y), r = pose.centre, pose.radius
        x0, x1, y0, y1 = min(x0, x - r), max(x1, x + r), min(y0, y - r), max(y1, y + r * 0.95)
    return x0, y0, x1, y1


def _gaze(rng: random.Random, pose: Pose, head: Point, has_object: bool, side: int) -> tuple[str, Gaze]:
    """Where the face looks, as a word and as an angle."""
    word = rng.choices(list(_GAZES), list(_GAZES.values()))[0]
    if word == "at the object" and not has_object and not pose.radius:
        word = "at the viewer"
    if word == "at the viewer":
        return word, Gaze(rng.uniform(-0.12, 0.12), rng.uniform(-0.1, 0.1))
    if word == "sideways":
        return word, Gaze(side * rng.choice((1, 1, -1)) * rng.uniform(0.75, 1.0), 0.0)
    if word in ("up", "down"):
        return word, Gaze(rng.uniform(-0.2, 0.2), -1.0 if word == "up" else 1.0)
    dx, dy = pose.centre[0] - head[0], pose.centre[1] - head[1]
    length = math.hypot(dx, dy) or 1.0
    gaze = Gaze(side * max(-1.0, min(1.0, 1.15 * dx / length)), max(-1.0, min(1.0, 1.15 * dy / length)))
    if has_object:
        return word, gaze
    if abs(gaze.aside) > 0.6:
        return "sideways", gaze
    return ("down" if gaze.down > 0 else "up"), gaze


def place_figure(rng: random.Random, pose: Pose, said: Said) -> tuple[Figure, str, Thing]:
    """A person who fits into the picture, the face's word, and the object's place."""
    look, side = LOOKS[said.subject, said.style], rng.choice((-1, 1))
    points = joints(pose, look.head)
    x0, y0, x1, y1 = _extent(points, pose, look)
    room = SIDE - 2 * _EDGE
    unit = min(pose.scale * rng.uniform(*look.height) * SIDE / _UNIT, room / (x1 - x0), room / (y1 - y0))
    if side < 0:
        x0, x1 = -x1, -x0
    left = rng.uniform(_EDGE - x0 * unit, SIDE - _EDGE - x1 * unit)
    bottom = SIDE - _EDGE - y1 * unit
    top = max(_EDGE - y0 * unit, bottom - rng.uniform(0.0, 0.1) * SIDE)

    def move(point: Point) -> Point:
        return left + side * point[0] * unit, top + point[1] * unit

    word, gaze = _gaze(rng, pose, points["head"], bool(said.object) and said.kind == "interaction", side)
    moved = {name: move(point) for name, point in points.items()}
    figure = Figure(moved, unit, side, pose, look, rng.choice(SKINS), gaze)
    ground = top + pose.ground * unit
    return figure, word, Thing(said.object, move(pose.centre), pose.radius * unit, side, ground)


def place_beside(rng: random.Random, name: str, figure: Figure | None, ground: float, unit: float) -> Thing:
    """A free place for an object: on the ground or anywhere in the picture, but not over the person."""
    radius = RADIUS[name] * unit * rng.uniform(0.9, 1.2)
    low, high = _EDGE + radius, SIDE - _EDGE - radius
    stands = rng.random() < _ON_THE_GROUND
    level = min(high, ground + rng.uniform(-0.1, 0.4) * unit - radius * FOOT.get(name, 1.0))
    spots = [(rng.uniform(low, high), level if stands else rng.uniform(low, high)) for _ in range(24)]
    side = rng.choice((-1, 1))
    if figure is not None:
        middle = (figure.joints["lead_hip"][0] + figure.joints["trail_hip"][0]) / 2
        free = [spot for spot in spots if abs(spot[0] - middle) > radius + 2.4 * unit]
        spots = free or [max(spots, key=lambda spot: abs(spot[0] - middle))]
    return Thing(name, spots[0], radius, side, ground if stands else None)
