"""Pictures to ask about: a person with the object in place, gone, and moved; people standing or broken.

Only the drawing with the object in place says where the object belongs; the pictures in which it is
gone or moved are what a layout agent is really asked about. No reported pair is ever shown.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from miniature.diffusion.redrawing import Redrawer
from miniature.training.pixels import Bytes
from miniature.vlm.drawings import broken, redrawn
from miniature.vlm.tokenizer import STANDING
from miniature.world import TAUGHT, VERBS, Drawing, paint
from miniature.world.bias import choose, tell
from miniature.world.canvas import SIDE
from record.geometry import Box

_CHUNK = 100


@dataclass(frozen=True)
class Shot:
    """One picture, uint8 (128, 128, 3): its pose's name, its object ("" for none) and where that is seen.

    `caption` is a true one, "" for somebody broken.
    """

    picture: Bytes
    pose: str
    object: str
    shown: Box | None
    is_whole: bool = True
    caption: str = ""


@dataclass(frozen=True)
class Scene:
    """A drawing with its object in place (its picture and masks left out), and its shots."""

    drawing: Drawing
    shots: tuple[Shot, Shot, Shot]


def _moved(rng: random.Random, whole: Drawing, bare: Bytes) -> tuple[Bytes, Box]:
    """Cut the visible object out of the drawing and lay it somewhere else on the bare picture."""
    rows, columns = np.nonzero(whole.object_mask)
    top, left = rows.min(), columns.min()
    high, wide = rows.max() - top + 1, columns.max() - left + 1
    new_top, new_left = rng.randint(0, SIDE - high), rng.randint(0, SIDE - wide)
    picture = bare.copy()
    picture[rows - top + new_top, columns - left + new_left] = whole.image[rows, columns]
    edges = (new_left, new_top, new_left + wide, new_top + high)
    return picture, Box.of([float(edge) / SIDE for edge in edges])


def scene(rng: random.Random) -> Scene:
    """One person, drawn three times; pictures are still in the world's size."""
    verb = rng.choice(VERBS)
    thing = rng.choice([thing for other, thing in TAUGHT if other == verb])
    said, seed = choose(rng, kind="interaction", verb=verb, object=thing), rng.getrandbits(48)
    whole = paint(random.Random(seed), said)
    if whole.object_box is None:
        return scene(rng)
    bare = paint(random.Random(seed), said, shows_object=False).image
    picture, shown = _moved(rng, whole, bare)
    return Scene(
        whole,
        (
            Shot(whole.image, verb, thing, whole.object_box, caption=whole.caption),
            Shot(bare, verb, "", None, caption=tell(rng, replace(said, kind="pose"), None)),
            Shot(picture, verb, thing, shown, caption=whole.caption),
        ),
    )


def _small(rng: random.Random, found: Sequence[Shot], redrawer: Redrawer | None) -> list[Shot]:
    pictures, captions = np.stack([shot.picture for shot in found]), [shot.caption for shot in found]
    pictures = redrawn(rng, pictures, captions, redrawer)
    return [replace(shot, picture=picture) for shot, picture in zip(found, pictures, strict=True)]


def _chunks(count: int) -> Iterator[int]:
    for first in range(0, count, _CHUNK):
        yield min(_CHUNK, count - first)


def scenes(count: int, seed: int, redrawer: Redrawer | None = None) -> list[Scene]:
    """That many scenes; the seed fixes every one. `redrawer` draws a share of the pictures again."""
    rng, made, nothing = random.Random(seed), [], np.zeros((0, 0), bool)
    for some in _chunks(count):
        found = [scene(rng) for _ in range(some)]
        small = _small(rng, shots(found), redrawer)
        for place, one in enumerate(found):
            first, second, third = small[3 * place : 3 * place + 3]
            bare = replace(one.drawing, image=first.picture, object_mask=nothing, person_mask=nothing)
            made.append(Scene(bare, (first, second, third)))
        print(f"scenes {len(made)} of {count}", flush=True)
    return made


def others(count: int, seed: int, redrawer: Redrawer | None = None) -> list[Shot]:
    """People without a verb, then as many who lack a limb, each with an object beside them or none."""
    rng = random.Random(seed)
    idle = [paint(rng, choose(rng, kind=rng.choice(("and", "person")))) for _ in range(count)]
    found = [Shot(d.image, STANDING, d.object, d.object_box, caption=d.caption) for d in idle]
    hurt = [broken(rng) for _ in range(count)]
    found += [Shot(d.image, d.verb, d.object, d.object_box, is_whole=False) for d in hurt]
    return [
        shot
        for first in range(0, len(found), _CHUNK)
        for shot in _small(rng, found[first : first + _CHUNK], redrawer)
    ]


def shots(found: Sequence[Scene]) -> list[Shot]:
    """The shots of all scenes in order: three a scene."""
    return [shot for one in found for shot in one.shots]
