"""What a body does for each verb, and where that puts the object.

Lengths are body units (a grown person is about 11 tall) from the middle of the hips, y downwards. The
object is on the positive x side; a mirrored picture turns everything round. The leading hand and foot
are those on the object's side.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from miniature.world.canvas import Point
from miniature.world.objects import FOOT, RADIUS, SEAT

Hand = Literal["rest", "fist", "open", "point"]
Depth = Literal["behind", "between", "front"]

GROUND = 5.7
SHOULDER_Y = -3.0
_SEAT_HEIGHT = 3.3


@dataclass(frozen=True)
class Pose:
    """Where hands and feet go, how the body is turned and where the object is.

    `hands` are the shapes of leading and trailing hand; `lean` moves neck and shoulders sideways; `turn`
    0..1 is how far the body is turned from the viewer to the object's side; `thigh` scales the upper legs
    as seen from the front; `depth` puts the object behind the person, between the two legs, or before
    the trunk; `ground` is the height on which the shadow lies; `scale` enlarges people who are not upright.
    """

    lead_hand: Point
    trail_hand: Point
    lead_foot: Point
    trail_foot: Point
    hands: tuple[Hand, Hand] = ("rest", "rest")
    lean: float = 0.0
    turn: float = 0.0
    thigh: float = 1.0
    centre: Point = (0.0, 0.0)
    radius: float = 0.0
    depth: Depth = "front"
    ground: float = GROUND
    knees: tuple[Point, Point] | None = None
    scale: float = 1.0


def _about(rng: random.Random, x: float, y: float, spread: float = 0.2) -> Point:
    return x + rng.uniform(-spread, spread), y + rng.uniform(-spread, spread)


def _rest(rng: random.Random, sign: int) -> Point:
    return _about(rng, sign * 2.2, 0.6)


def _stand(rng: random.Random) -> tuple[Point, Point]:
    return (rng.uniform(0.75, 1.0), 5.33), (-rng.uniform(0.75, 1.0), 5.33)


def _kicking(rng: random.Random, thing: str, r: float) -> Pose:
    foot = (4.7 + rng.uniform(-0.2, 0.2), 1.9 + rng.uniform(-0.6, 0.5))
    return Pose(
        lead_hand=_about(rng, 3.4, -3.3),
        trail_hand=_about(rng, -4.4, -1.6),
        lead_foot=foot,
        trail_foot=(-0.9, 5.33),
        hands=("open", "open"),
        lean=-0.9,
        turn=0.35,
        centre=(foot[0] + r * 0.9 + 0.75, foot[1] + rng.uniform(-0.2, 0.3)),
        radius=r,
    )


def _holding(rng: random.Random, thing: str, r: float) -> Pose:
    lead, trail = _stand(rng)
    open_above = thing == "umbrella"
    hand = _about(rng, 2.9, -2.9 if open_above else -2.2, 0.15)
    lift = {"umbrella": 0.7, "chair": 0.86, "dog": 0.5}.get(thing, FOOT.get(thing, 1.0))
    aside = 0.0 if open_above else max(0.15, r * 0.75 - 0.9)
    return Pose(
        hand,
        _rest(rng, -1),
        lead,
        trail,
        ("fist", "rest"),
        centre=(hand[0] + aside, hand[1] - r * lift + 0.1),
        radius=r,
        depth="behind" if open_above else "front",
    )


def _carrying(rng: random.Random, thing: str, r: float) -> Pose:
    x, y = _about(rng, 0.25, -1.1, 0.15)
    reach = min(r * 0.72, 1.7)
    low = y + min(r * 0.55, 1.2)
    return Pose(
        (x + reach, low),
        (x - reach, low),
        (1.7, 5.05),
        (-1.5, 5.2),
        ("fist", "fist"),
        lean=-0.15,
        turn=0.3,
        centre=(x, y),
        radius=r,
    )


def _lifting(rng: random.Random, thing: str, r: float) -> Pose:
    reach = 2.25 + rng.uniform(-0.1, 0.1)
    low = -6.2 + rng.uniform(-0.1, 0.15)
    centre = (rng.uniform(-0.1, 0.1), low - r * FOOT.get(thing, 1.0) + 0.15)
    feet = (1.75, 5.2), (-1.75, 5.2)
    hands = (reach, low), (-reach, low)
    return Pose(*hands, *feet, ("open", "open"), centre=centre, radius=r, depth="behind")


def _sitting_on(rng: random.Random, thing: str, r: float) -> Pose:
    seat, foot = SEAT[thing], FOOT.get(thing, 1.0)
    r = max(r * 0.9, min(_SEAT_HEIGHT / (foot - seat), 3.3))
    y = 0.62 - seat * r
    ground = y + foot * r
    reach = min(ground - 0.35, 3.1)
    return Pose(
        _about(rng, 2.3, -0.6, 0.12),
        _about(rng, 0.9, -0.35, 0.12),
        (3.1 + rng.uniform(-0.2, 0.3), reach),
        (1.8 + rng.uniform(-0.2, 0.3), reach + 0.15),
        ("rest", "rest"),
        lean=-0.1,
        turn=0.45,
        centre=(-r * 0.12 if thing == "chair" else 0.1, y),
        radius=r,
        depth="behind",
        ground=ground,
        knees=((2.85, 0.1), (1.85, 0.65)),
        scale=1.22,
    )


def _riding(rng: random.Random, thing: str, r: float) -> Pose:
    r = max(r, 1.9) * 1.25
    y = 0.45 - SEAT[thing] * r
    swing = rng.uniform(-0.25, 0.25)
    return Pose(
        (3.55, -1.05 + swing * 0.3),
        (3.3, -0.75 + swing * 0.3),
        (1.3, 2.5 + swing),
        (-0.1, 3.9 - swing),
        ("fist", "fist"),
        lean=0.7,
        turn=0.35,
        centre=(r * 0.2 + 0.15, y),
        radius=r,
        depth="between",
        ground=y + r * FOOT.get(thing, 1.0),
        scale=1.15,
    )


def _throwing(rng: random.Random, thing: str, r: float) -> Pose:
    hand = _about(rng, 2.9, -5.3)
    away = rng.uniform(0.7, 1.5)
    return Pose(
        hand,
        _about(rng, -3.9, -1.3),
        (2.7, 4.9),
        (-2.9, 4.5),
        ("open", "open"),
        lean=0.55,
        turn=0.35,
        centre=(hand[0] + away + r * 0.8, hand[1] - (away - 0.6) + rng.uniform(-0.4, 0.6)),
        radius=r,
    )


def _pointing_at(rng: random.Random, thing: str, r: float) -> Pose:
    lead, trail = _stand(rng)
    x = 5.4 + r + rng.uniform(0.0, 1.4)
    floats = thing in ("ball", "kite", "umbrella")
    ground = GROUND - r * FOOT.get(thing, 1.0)
    y = rng.uniform(-6.0, ground) if rng.random() < (0.7 if floats else 0.3) else ground
    dx, dy = x - 1.3, y - SHOULDER_Y
    reach = 3.75 / float((dx * dx + dy * dy) ** 0.5)
    hand = (1.3 + dx * reach, SHOULDER_Y + dy * reach)
    return Pose(hand, (-1.3, -0.1), lead, trail, ("point", "rest"), centre=(x, y), radius=r)


def _pushing(rng: random.Random, thing: str, r: float) -> Pose:
    r *= 1.2
    floor = 4.9
    y = floor - r * FOOT.get(thing, 1.0)
    top = min(max(-1.7, y - r * 0.5), -0.2)
    edge = 2.7 + float((3.7**2 - (top - SHOULDER_Y) ** 2) ** 0.5)
    x = edge + r * 0.8 + 0.35 + rng.uniform(-0.05, 0.2)
    return Pose(
        (edge, top),
        (edge - 0.1, top + 0.65),
        (0.9, floor - 0.3),
        (-3.5, floor - 0.4),
        ("open", "open"),
        lean=2.1,
        turn=0.7,
        centre=(x, y),
        radius=r,
        ground=floor,
    )


def _jumping_over(rng: random.Random, thing: str, r: float) -> Pose:
    feet = (rng.uniform(1.2, 1.6), 2.5), (-rng.uniform(1.2, 1.6), 2.5)
    top = {"bicycle": 0.5, "dog": 0.8, "book": 0.68, "chair": 0.95}.get(thing, 1.0)
    y = 3.5 + r * top
    hands = _about(rng, 3.4, -5.2), _about(rng, -3.4, -5.2)
    knees = ((2.6, 1.0), (-2.6, 1.0))
    return Pose(
        *hands,
        *feet,
        ("open", "open"),
        centre=(rng.uniform(-0.4, 0.4), y),
        radius=r,
        depth="behind",
        ground=y + r * FOOT.get(thing, 1.0),
        knees=knees,
    )


_MAKERS: dict[str, Callable[[random.Random, str, float], Pose]] = {
    "kicking": _kicking,
    "holding": _holding,
    "carrying": _carrying,
    "lifting": _lifting,
    "sitting on": _sitting_on,
    "riding": _riding,
    "throwing": _throwing,
    "pointing at": _pointing_at,
    "pushing": _pushing,
    "jumping over": _jumping_over,
}


def pose_of(rng: random.Random, verb: str, thing: str) -> Pose:
    """The pose for a verb and the object's place in it; KeyError for an unknown word."""
    return _MAKERS[verb](rng, thing, RADIUS[thing] * rng.uniform(0.92, 1.1))


def standing(rng: random.Random) -> Pose:
    """At rest, with no object."""
    lead, trail = _stand(rng)
    return Pose(_rest(rng, 1), _rest(rng, -1), lead, trail)
