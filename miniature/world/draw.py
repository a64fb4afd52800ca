"""Draw one picture of the world, with its truth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from miniature.world.bias import BIAS, FREQUENT, Bias, Said, choose, tell
from miniature.world.canvas import BACKGROUND, OBJECT, PERSON, SIDE, Canvas, Colour, shade
from miniature.world.figure import Figure, paint_arm, paint_hair_behind, paint_leg, paint_trunk
from miniature.world.objects import FOOT, paint_object
from miniature.world.placing import Thing, place_beside, place_figure
from miniature.world.poses import Pose, pose_of, standing
from miniature.world.scenes import paint_scene
from miniature.world.vocabulary import Pair
from record.geometry import Box

__all__ = ["LIMBS", "Drawing", "Said", "draw", "paint"]

LIMBS = ("lead arm", "trail arm", "lead leg", "trail leg")


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


def _paint_shadows(canvas: Canvas, figure: Figure | None, thing: Thing | None, ground: Colour) -> None:
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


def _paint_all(
    canvas: Canvas, figure: Figure | None, thing: Thing | None, depth: str, lacking: Sequence[str] = ()
) -> None:
    def paint_thing(when: str) -> None:
        if thing and depth == when:
            canvas.layer = OBJECT
            paint_object(canvas, thing.name, thing.centre, thing.radius, thing.side)
            canvas.layer = PERSON

    canvas.layer = PERSON
    paint_thing("behind")
    if figure is None:
        return
    body = figure

    def paint_limb(side: str, kind: str) -> None:
        if f"{side} {kind}" not in lacking:
            (paint_arm if kind == "arm" else paint_leg)(canvas, body, side)

    turned = figure.pose.turn >= 0.5
    paint_hair_behind(canvas, figure)
    if turned:
        paint_limb("lead", "arm")
    paint_limb("lead", "leg")
    paint_thing("between")
    paint_limb("trail", "leg")
    paint_trunk(canvas, figure)
    paint_thing("front")
    if not turned:
        paint_limb("lead", "arm")
    paint_limb("trail", "arm")


def _pose(rng: random.Random, said: Said) -> Pose:
    if not said.verb:
        return standing(rng)
    return pose_of(rng, said.verb, said.object or rng.choice([t for v, t in FREQUENT if v == said.verb]))


def _orientation(pose: Pose) -> str:
    if pose.turn >= 0.6:
        return "profile"
    return "angled" if pose.turn >= 0.3 or abs(pose.lean) > 0.5 else "frontal"


def paint(
    rng: random.Random,
    said: Said,
    *,
    bias: Bias | None = None,
    shows_object: bool = True,
    lacking: Sequence[str] = (),
) -> Drawing:
    """Paint what is said; the caption is true unless a bias is given.

    Without `shows_object` the same numbers give the same picture with its object left out; the words stay.
    `lacking` are the LIMBS that the person does without.
    """
    canvas = Canvas()
    ground = paint_scene(rng, canvas, said.scene)
    figure, face, thing, depth = None, "", None, "behind"
    if said.subject:
        pose = _pose(rng, said)
        figure, face, thing = place_figure(rng, pose, said)
        depth = pose.depth
    if said.kind in ("and", "object"):
        level = thing.ground if thing and thing.ground else SIDE * rng.uniform(0.86, 0.95)
        unit = figure.unit if figure else rng.uniform(15.0, 20.0)
        thing, depth = place_beside(rng, said.object, figure, level, unit), "front" if figure else "behind"
    if not said.object or not shows_object:
        thing = None
    _paint_shadows(canvas, figure, thing, ground)
    _paint_all(canvas, figure, thing, depth, lacking)
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
