"""How each subject looks in each of the two styles: size, hair and clothes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from miniature.world.canvas import Colour

Legs = Literal["trousers", "shorts", "dress"]
Hair = Literal["short", "long", "tousled", "tails"]

SKINS: tuple[Colour, ...] = ((246, 194, 158), (212, 150, 108), (142, 92, 68))


@dataclass(frozen=True)
class Look:
    """A subject in one style.

    `height` is the least and the largest share of the picture's height, `head` scales the head, `limb` the
    thickness of arms and legs; a dress has the colour of the top.
    """

    height: tuple[float, float]
    head: float
    limb: float
    top: Colour
    lower: Colour
    shoes: Colour
    hair: Colour
    cut: Hair
    legs: Legs
    long_sleeves: bool = False
    stripe: Colour | None = None


_DARK: Colour = (58, 56, 72)
_PLAIN: dict[str, Look] = {
    "man": Look(
        (0.76, 0.86), 1.02, 1.0, (66, 124, 190), (64, 72, 98), _DARK, (66, 46, 38), "short", "trousers"
    ),
    "woman": Look(
        (0.74, 0.84),
        1.02,
        0.95,
        (240, 128, 72),
        (240, 128, 72),
        (150, 66, 60),
        (140, 74, 40),
        "long",
        "dress",
    ),
    "boy": Look(
        (0.62, 0.70),
        1.12,
        1.0,
        (110, 196, 130),
        (92, 110, 150),
        (214, 82, 70),
        (240, 196, 92),
        "tousled",
        "shorts",
    ),
    "girl": Look(
        (0.62, 0.70),
        1.08,
        0.98,
        (248, 170, 196),
        (248, 170, 196),
        (126, 84, 150),
        (48, 38, 46),
        "tails",
        "dress",
    ),
}
_ROUND: dict[str, Look] = {
    "man": replace(
        _PLAIN["man"], top=(52, 140, 142), lower=(126, 98, 78), stripe=(226, 238, 232), long_sleeves=True
    ),
    "woman": replace(_PLAIN["woman"], top=(206, 70, 84), lower=(206, 70, 84), stripe=(250, 226, 214)),
    "boy": replace(
        _PLAIN["boy"], top=(250, 206, 88), lower=(72, 112, 168), stripe=(236, 138, 64), long_sleeves=True
    ),
    "girl": replace(_PLAIN["girl"], top=(168, 142, 222), lower=(168, 142, 222), stripe=(250, 240, 250)),
}
LOOKS: dict[tuple[str, str], Look] = {
    **{(subject, "plain"): look for subject, look in _PLAIN.items()},
    **{(subject, "round"): replace(look, limb=1.15, long_sleeves=True) for subject, look in _ROUND.items()},
}
"""Looks by subject and style."""
