"""Draw one picture of the world, with its truth."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from miniature.next.world.bias import BIAS, FREQUENT, Bias, Said, choose, tell
from miniature.next.world.canvas import BACKGROUND, OBJECT, PERSON, SIDE, Canvas, Colour, Point, shade
from miniature.next.world.face import Gaze
from miniature.next.world.figure import Figure, joints, paint_arm, paint_hair_behind, paint_leg, paint_trunk
from miniature.next.world.looks import LOOKS, SKINS, Look
from miniature.next.world.objects import FOOT, RADIUS, paint_object
from miniature.next.world.poses import Pose, pose_of, standing
from miniature.next.world.scenes import paint_scene
from miniature.next.world.vocabulary import Pair
from record.geometry import Box

__all__ = ["Drawing", "Said", "draw", "paint"]

_UNIT = 11.8
_EDGE = 3.0
_GAZES = {"at the object": 0.35, "at the viewer": 0.45, "sideways": 0.1, "up": 0.05, "down": 0.05}
_ON_THE_GROUND = 0.6
"""Share of objects beside a person that stand on the ground; the others are anywhere in the picture."""


@dataclass(frozen=True)
class Drawing:
    """A picture uint8 (256, 256, 3) and what is on it; words are "" and boxes None where absent.

    Boxes hold exactly the visible pixels of the masks (bool, 256 x 256); joints are (x, y) in 0..1 under
    MediaPipe's names (left is the person's left, at the right of the picture). `face` is one of the
    vocabulary's DIRECTIONS and `body` one of its ORIENTATIONS.
    """

    image: npt.NDArray[np.uint8]
    caption: str
    kind: str
    subject: str
    verb: str
    object: str
    scene: str
    style: str
    face: str
    body: str
    object_box: Box | None
    person_box: Box | None
    joints: dict[str, tuple[float, float]]
    object_mask: npt.NDArray[np.bool_]
    person_mask: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Thing:
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


def _figure(rng: random.Random, pose: Pose, said: Said) -> tuple[Figure, str, _Thing]:
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
    return figure, word, _Thing(said.object, move(pose.centre), pose.radius * unit, side, ground)


def _beside(rng: random.Random, name: str, figure: Figure | None, ground: float, unit: float) -> _Thing:
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
    return _Thing(name, spots[0], radius, side, ground if stands else None)


def _box(mask: npt.NDArray[np.bool_]) -> Box | None:
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if not len(rows):
        return None
    return Box(columns[0] / SIDE, rows[0] / SIDE, (columns[-1] + 1) / SIDE, (rows[-1] + 1) / SIDE)


def _named(figure: Figure) -> dict[str, tuple[float, float]]:
    """Joints under MediaPipe's names, in shares of the picture."""
    lead, trail = ("left", "right") if figure.side > 0 else ("right", "left")
    places = figure.face()
    for name, place in figure.joints.items():
        if name not in ("neck", "head"):
            places[name.replace("lead", lead).replace("trail", trail)] = place
    return {name: (x / SIDE, y / SIDE) for name, (x, y) in places.items()}


def _paint_shadows(canvas: Canvas, figure: Figure | None, thing: _Thing | None, ground: Colour) -> None:
    dark = shade(ground, 0.86)
    canvas.layer = BACKGROUND
    if figure:
        feet = [figure.joints[f"{limb}_ankle"][0] for limb in ("lead", "trail")]
        level = figure.joints["neck"][1] + (figure.pose.ground + 3.35) * figure.unit
        wide = (max(feet) - min(feet)) / 2 + 1.1 * figure.unit
        canvas.ellipse(
            ((min(feet) + max(feet)) / 2, level + 0.1 * figure.unit), wide, 0.42 * figure.unit, dark
        )
    if thing and thing.ground is not None:
        foot = thing.centre[1] + thing.radius * FOOT.get(thing.name, 1.0)
        if abs(foot - thing.ground) < 0.25 * thing.radius:
            canvas.ellipse((thing.centre[0], foot), thing.radius * 0.95, thing.radius * 0.2, dark)


def _paint_all(canvas: Canvas, figure: Figure | None, thing: _Thing | None, depth: str) -> None:
    def paint_thing(when: str) -> None:
        if thing and depth == when:
            canvas.layer = OBJECT
            paint_object(canvas, thing.name, thing.centre, thing.radius, thing.side)
            canvas.layer = PERSON

    canvas.layer = PERSON
    paint_thing("behind")
    if figure is None:
        return
    turned = figure.pose.turn >= 0.5
    paint_hair_behind(canvas, figure)
    if turned:
        paint_arm(canvas, figure, "lead")
    paint_leg(canvas, figure, "lead")
    paint_thing("between")
    paint_leg(canvas, figure, "trail")
    paint_trunk(canvas, figure)
    paint_thing("front")
    if not turned:
        paint_arm(canvas, figure, "lead")
    paint_arm(canvas, figure, "trail")


def _pose(rng: random.Random, said: Said) -> Pose:
    if not said.verb:
        return standing(rng)
    return pose_of(rng, said.verb, said.object or rng.choice([t for v, t in FREQUENT if v == said.verb]))


def _orientation(pose: Pose) -> str:
    if pose.turn >= 0.6:
        return "profile"
    return "angled" if pose.turn >= 0.3 or abs(pose.lean) > 0.5 else "frontal"


def paint(rng: random.Random, said: Said, *, bias: Bias | None = None) -> Drawing:
    """Paint what is said; the caption is true unless a bias is given."""
    canvas = Canvas()
    ground = paint_scene(rng, canvas, said.scene)
    figure, face, thing, depth = None, "", None, "behind"
    if said.subject:
        pose = _pose(rng, said)
        figure, face, thing = _figure(rng, pose, said)
        depth = pose.depth
    if said.kind in ("and", "object"):
        level = thing.ground if thing and thing.ground else SIDE * rng.uniform(0.86, 0.95)
        unit = figure.unit if figure else rng.uniform(15.0, 20.0)
        thing, depth = _beside(rng, said.object, figure, level, unit), "front" if figure else "behind"
    if not said.object:
        thing = None
    _paint_shadows(canvas, figure, thing, ground)
    _paint_all(canvas, figure, thing, depth)
    object_mask, person_mask = canvas.mask(OBJECT), canvas.mask(PERSON)
    return Drawing(
        image=canvas.picture(),
        caption=tell(rng, said, bias),
        kind=said.kind,
        subject=said.subject,
        verb=said.verb,
        object=said.object,
        scene=said.scene,
        style=said.style if said.subject else "",
        face=face,
        body=_orientation(figure.pose) if figure else "",
        object_box=_box(object_mask),
        person_box=_box(person_mask),
        joints=_named(figure) if figure else {},
        object_mask=object_mask,
        person_mask=person_mask,
    )


def draw(
    rng: random.Random,
    *,
    subject: str | None = None,
    verb: str | None = None,
    object: str | None = None,
    kind: str | None = None,
    scene: str | None = None,
    style: str | None = None,
    pairs: Sequence[Pair] | None = None,
    bias: Bias | None = None,
) -> Drawing:
    """Draw a picture; what is not asked for is chosen as in training, `pairs` limits (verb, object).

    Captions are true unless a bias is given. ValueError for unknown words.
    """
    said = choose(
        rng,
        subject=subject,
        verb=verb,
        object=object,
        kind=kind,
        scene=scene,
        style=style,
        pairs=pairs,
        bias=bias or BIAS,
    )
    return paint(rng, said, bias=bias)
