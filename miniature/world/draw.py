"""Draw one picture of the world, with its truth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from miniature.world import vocabulary as words
from miniature.world.canvas import OBJECT, PERSON, SIDE, Canvas, Colour, Point
from miniature.world.captions import caption
from miniature.world.figure import LOOKS, SKINS, joints, paint_arms, paint_body
from miniature.world.objects import RADIUS, paint_object
from miniature.world.poses import Pose, pose_of, standing
from record.geometry import Box

_KIND_WEIGHTS = {"interaction": 0.70, "and": 0.12, "object": 0.04, "person": 0.05, "pose": 0.09}
_SCENES: dict[str, tuple[Colour, Colour]] = {
    "in the park": ((186, 224, 246), (134, 190, 104)),
    "in a room": ((242, 234, 214), (186, 170, 158)),
    "on the street": ((214, 218, 226), (142, 146, 156)),
}
_UNIT = 11.2
_EDGE = 1.5


@dataclass(frozen=True)
class Drawing:
    """A picture uint8 (128, 128, 3) and what is on it; words are "" and boxes None where absent.

    Boxes hold exactly the visible pixels of the masks (bool, 128 x 128); joints are (x, y) in 0..1 under
    MediaPipe's names (left is the person's left, at the right of the picture).
    """

    image: np.ndarray
    caption: str
    kind: str
    subject: str
    verb: str
    object: str
    object_box: Box | None
    person_box: Box | None
    joints: dict[str, tuple[float, float]]
    object_mask: np.ndarray
    person_mask: np.ndarray


@dataclass(frozen=True)
class _Words:
    kind: str
    subject: str = ""
    verb: str = ""
    object: str = ""


def _check(name: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise ValueError(f"{name} {value!r} is not in the drawn world; use one of {', '.join(known)}")


def _choose_pair(
    rng: random.Random, verb: str | None, thing: str | None, pairs: Sequence[words.Pair] | None
) -> words.Pair:
    """A pair under the wishes; without `pairs` from the training distribution (rare ones seldom)."""
    if verb is not None and thing is not None:
        return verb, thing
    if pairs is None and rng.random() < words.RARE_SHARE:
        pairs = words.RARE
    pool = [p for p in (pairs or words.FREQUENT) if verb in (None, p[0]) and thing in (None, p[1])]
    if not pool:
        pool = [p for p in words.FREQUENT if verb in (None, p[0]) and thing in (None, p[1])]
    verbs = sorted({p[0] for p in pool})
    chosen = rng.choice(verbs)
    return rng.choice([p for p in pool if p[0] == chosen])


def _choose_words(
    rng: random.Random,
    subject: str | None,
    verb: str | None,
    thing: str | None,
    kind: str | None,
    pairs: Sequence[words.Pair] | None,
) -> _Words:
    _check("subject", subject, words.SUBJECTS)
    _check("verb", verb, words.VERBS)
    _check("object", thing, words.OBJECTS)
    _check("kind", kind, words.KINDS)
    if kind is None and (verb or pairs):
        kind = "interaction"
    kind = kind or rng.choices(list(_KIND_WEIGHTS), list(_KIND_WEIGHTS.values()))[0]
    who = subject or rng.choice(words.SUBJECTS)
    if kind == "interaction":
        chosen, what = _choose_pair(rng, verb, thing, pairs)
        return _Words(kind, who, chosen, what)
    if kind == "pose":
        return _Words(kind, who, verb or rng.choice(words.VERBS))
    if kind == "person":
        return _Words(kind, who)
    what = thing or rng.choice(words.OBJECTS)
    return _Words(kind, "" if kind == "object" else who, "", what)


@dataclass(frozen=True)
class _Placed:
    """A figure in pixels: joints, pixels per unit, the object's place, and which way it faces."""

    joints: dict[str, Point]
    unit: float
    side: int
    centre: Point
    radius: float


def _extent(points: dict[str, Point], pose: Pose) -> tuple[float, float, float, float]:
    xs, ys = [p[0] for p in points.values()], [p[1] for p in points.values()]
    x0, x1 = min(xs) - 0.7, max(xs) + 0.7
    y0, y1 = min(min(ys) - 0.6, points["head"][1] - 1.35), max(ys) + 0.6
    if pose.radius:
        (x, y), r = pose.centre, pose.radius
        x0, x1, y0, y1 = min(x0, x - r), max(x1, x + r), min(y0, y - r), max(y1, y + r)
    return x0, y0, x1, y1


def _place(rng: random.Random, pose: Pose, subject: str) -> _Placed:
    """Scale and move a pose so that all of it lies in the picture."""
    look, side = LOOKS[subject], rng.choice((-1, 1))
    points = joints(pose, look.head)
    x0, y0, x1, y1 = _extent(points, pose)
    room = SIDE - 2 * _EDGE
    unit = min(rng.uniform(*look.height) * SIDE / _UNIT, room / (x1 - x0), room / (y1 - y0))
    if side < 0:
        x0, x1 = -x1, -x0
    left = rng.uniform(_EDGE - x0 * unit, SIDE - _EDGE - x1 * unit)
    bottom = SIDE - _EDGE - y1 * unit
    top = max(_EDGE - y0 * unit, bottom - rng.uniform(0.0, 0.12) * SIDE)

    def move(point: Point) -> Point:
        return left + side * point[0] * unit, top + point[1] * unit

    moved = {name: move(point) for name, point in points.items()}
    return _Placed(moved, unit, side, move(pose.centre), pose.radius * unit)


def _beside(rng: random.Random, thing: str, placed: _Placed | None, unit: float) -> tuple[Point, float]:
    """A free place for an object, anywhere in the picture but not over the person."""
    radius = RADIUS[thing] * unit * rng.uniform(0.9, 1.2)
    low, high = _EDGE + radius, SIDE - _EDGE - radius
    spots = [(rng.uniform(low, high), rng.uniform(low, high)) for _ in range(24)]
    if placed is None:
        return spots[0], radius
    middle = (placed.joints["near_hip"][0] + placed.joints["far_hip"][0]) / 2
    clear = radius + 2.2 * unit
    free = [spot for spot in spots if abs(spot[0] - middle) > clear]
    if free:
        return free[0], radius
    return max(spots, key=lambda spot: abs(spot[0] - middle)), radius


def _box(mask: np.ndarray) -> Box | None:
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    if not len(rows):
        return None
    return Box(columns[0] / SIDE, rows[0] / SIDE, (columns[-1] + 1) / SIDE, (rows[-1] + 1) / SIDE)


def _named(placed: _Placed) -> dict[str, tuple[float, float]]:
    """Joints under MediaPipe's names, in shares of the picture."""
    near, far = ("left", "right") if placed.side > 0 else ("right", "left")
    out = {}
    for name, (x, y) in placed.joints.items():
        if name not in ("neck", "head"):
            out[name.replace("near", near).replace("far", far)] = (x / SIDE, y / SIDE)
    return out


def _paint_scene(rng: random.Random, canvas: Canvas, scene: str) -> None:
    sky, floor = _SCENES[scene]
    horizon = rng.uniform(0.6, 0.72) * SIDE
    canvas.rectangle(0, 0, SIDE, horizon, sky)
    canvas.rectangle(0, horizon, SIDE, SIDE, floor)


def _paint(rng: random.Random, canvas: Canvas, said: _Words) -> dict[str, tuple[float, float]]:
    """Paint person and object; the joints are empty without a person."""
    if not said.subject:
        spot, radius = _beside(rng, said.object, None, rng.uniform(7.0, 9.5))
        canvas.layer = OBJECT
        paint_object(canvas, said.object, spot, radius, rng.choice((-1, 1)))
        return {}
    pose = (
        pose_of(rng, said.verb, said.object or rng.choice(words.objects_of(said.verb)))
        if said.verb
        else standing(rng)
    )
    placed = _place(rng, pose, said.subject)
    centre, radius = placed.centre, placed.radius
    if said.kind == "and":
        centre, radius = _beside(rng, said.object, placed, placed.unit)
    look, skin = LOOKS[said.subject], rng.choice(SKINS)

    def paint_thing() -> None:
        if said.object:
            canvas.layer = OBJECT
            paint_object(canvas, said.object, centre, radius, placed.side)

    if pose.behind:
        paint_thing()
    canvas.layer = PERSON
    paint_body(canvas, placed.joints, placed.unit, look, skin)
    if not pose.behind:
        paint_thing()
    canvas.layer = PERSON
    paint_arms(canvas, placed.joints, placed.unit, look, skin)
    return _named(placed)


def draw(
    rng: random.Random,
    *,
    subject: str | None = None,
    verb: str | None = None,
    object: str | None = None,
    kind: str | None = None,
    pairs: Sequence[words.Pair] | None = None,
) -> Drawing:
    """Draw a picture; what is not asked for is chosen as in training, `pairs` limits (verb, object).

    Training never chooses an unseen pair; asking for both its words does. ValueError for unknown words.
    """
    said = _choose_words(rng, subject, verb, object, kind, pairs)
    canvas, scene = Canvas(), rng.choice(words.SCENES)
    _paint_scene(rng, canvas, scene)
    places = _paint(rng, canvas, said)
    object_mask, person_mask = canvas.mask(OBJECT), canvas.mask(PERSON)
    return Drawing(
        image=canvas.picture(),
        caption=caption(rng, said.kind, said.subject, said.verb, said.object, scene),
        kind=said.kind,
        subject=said.subject,
        verb=said.verb,
        object=said.object,
        object_box=_box(object_mask),
        person_box=_box(person_mask),
        joints=places,
        object_mask=object_mask,
        person_mask=person_mask,
    )
