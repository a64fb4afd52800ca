"""What a body does for each verb, and where that puts the object.

Lengths are body units (a grown person is about 11 tall) from the middle of the hips, y downwards. The
object is on the positive x side; a mirrored picture turns everything round.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from miniature.world.canvas import Point
from miniature.world.objects import FOOT, RADIUS, SEAT

GROUND = 5.4
SHOULDER_Y = -3.0
SHOULDER_X = 1.3
HEAD_TOP = -5.7


@dataclass(frozen=True)
class Pose:
    """Where hands and feet go (near is towards the object) and where the object is.

    `lean` moves neck and shoulders sideways; `thigh` scales the upper leg as seen from the front;
    `behind` says that the person hides the object and not the other way round.
    """

    near_hand: Point
    far_hand: Point
    near_foot: Point
    far_foot: Point
    lean: float = 0.0
    thigh: float = 1.0
    centre: Point = (0.0, 0.0)
    radius: float = 0.0
    behind: bool = False


def _about(rng: random.Random, x: float, y: float, spread: float = 0.2) -> Point:
    return x + rng.uniform(-spread, spread), y + rng.uniform(-spread, spread)


def _rest(rng: random.Random, sign: int) -> Point:
    return _about(rng, sign * 2.3, 0.7)


def _stand(rng: random.Random) -> tuple[Point, Point]:
    return (rng.uniform(0.8, 1.1), 5.3), (-rng.uniform(0.8, 1.1), 5.3)


def _kicking(rng: random.Random, thing: str, r: float) -> Pose:
    foot = (4.9 + rng.uniform(-0.2, 0.2), 2.4 + rng.uniform(-0.6, 0.4))
    return Pose(
        near_hand=_about(rng, 2.6, -4.4),
        far_hand=_about(rng, -4.6, -2.4),
        near_foot=foot,
        far_foot=(-0.8, 5.3),
        lean=-0.8,
        centre=(foot[0] + r * 0.95 + 0.5, foot[1] + rng.uniform(-0.1, 0.3)),
        radius=r,
    )


def _holding(rng: random.Random, thing: str, r: float) -> Pose:
    near, far = _stand(rng)
    hand = _about(rng, 3.1, -2.3)
    centre = (hand[0] + max(0.25, r - 1.5), hand[1] - r * FOOT.get(thing, 1.0) + 0.25)
    return Pose(hand, _rest(rng, -1), near, far, centre=centre, radius=r)


def _carrying(rng: random.Random, thing: str, r: float) -> Pose:
    near, far = _stand(rng)
    x, y = _about(rng, 0.0, -0.9)
    reach = min(r * 0.8, 1.9)
    return Pose((x + reach, y + r * 0.45), (x - reach, y + r * 0.45), near, far, centre=(x, y), radius=r)


def _lifting(rng: random.Random, thing: str, r: float) -> Pose:
    near, far = _stand(rng)
    reach = min(r * 0.75, 1.6)
    low = HEAD_TOP - 0.35
    centre = (rng.uniform(-0.1, 0.1), low - r * FOOT.get(thing, 1.0) + 0.2)
    return Pose((reach, low), (-reach, low), near, far, centre=centre, radius=r)


def _sitting_on(rng: random.Random, thing: str, r: float) -> Pose:
    r = max(r, 2.4)
    y = 0.25 - SEAT.get(thing, -0.75) * r
    floor = max(y + r * FOOT.get(thing, 1.0), 2.6) - 0.35
    return Pose(
        (2.0, 0.7),
        (-2.0, 0.7),
        (rng.uniform(2.0, 2.4), floor),
        (-rng.uniform(2.0, 2.4), floor),
        thigh=0.62,
        centre=(rng.uniform(-0.15, 0.15), y),
        radius=r,
        behind=True,
    )


def _riding(rng: random.Random, thing: str, r: float) -> Pose:
    r = max(r, 2.5) * 1.25
    y = 0.3 - SEAT.get(thing, -0.75) * r
    feet = (_about(rng, 1.8, 3.0), _about(rng, 0.1, 3.6))
    hands = (_about(rng, 3.7, -1.4, 0.1), _about(rng, 3.2, -0.9, 0.1))
    return Pose(*hands, *feet, lean=1.2, centre=(r * 0.18 + 0.2, y), radius=r, behind=True)


def _throwing(rng: random.Random, thing: str, r: float) -> Pose:
    hand = _about(rng, 3.2, -5.6)
    away = rng.uniform(0.5, 1.4)
    return Pose(
        hand,
        _about(rng, -4.2, -2.0),
        (2.5, 4.8),
        (-2.7, 4.8),
        lean=-0.4,
        centre=(hand[0] + away + r * 0.8, hand[1] - (away - 0.5) + rng.uniform(-0.4, 0.6)),
        radius=r,
    )


def _pointing_at(rng: random.Random, thing: str, r: float) -> Pose:
    near, far = _stand(rng)
    x, y = 4.6 + r + rng.uniform(0.3, 1.8), rng.uniform(HEAD_TOP - 0.6, GROUND - r * 0.9)
    dx, dy = x - SHOULDER_X, y - SHOULDER_Y
    reach = 3.7 / float((dx * dx + dy * dy) ** 0.5)
    hand = (SHOULDER_X + dx * reach, SHOULDER_Y + dy * reach)
    return Pose(hand, (-1.15, -0.2), near, far, centre=(x, y), radius=r)


def _pushing(rng: random.Random, thing: str, r: float) -> Pose:
    r *= 1.2
    floor = 4.7
    x, y = 4.3 + r + rng.uniform(-0.2, 0.2), floor - r * FOOT.get(thing, 1.0)
    edge, top = x - r * 0.85, max(-1.2, y - r * 0.5)
    return Pose(
        (edge, top),
        (edge, top + 0.6),
        (0.4, floor - 0.4),
        (-3.2, floor - 0.4),
        lean=2.0,
        centre=(x, y),
        radius=r,
    )


def _jumping_over(rng: random.Random, thing: str, r: float) -> Pose:
    feet = (rng.uniform(1.5, 1.8), 2.6), (-rng.uniform(1.5, 1.8), 2.6)
    y = 3.6 + r * (0.62 if thing == "bicycle" else 1.0)
    hands = _about(rng, 3.3, -5.4), _about(rng, -3.3, -5.4)
    return Pose(*hands, *feet, centre=(rng.uniform(-0.5, 0.5), y), radius=r)


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
    return _MAKERS[verb](rng, thing, RADIUS[thing] * rng.uniform(0.9, 1.12))


def standing(rng: random.Random) -> Pose:
    """At rest, with no object."""
    near, far = _stand(rng)
    return Pose(_rest(rng, 1), _rest(rng, -1), near, far)
