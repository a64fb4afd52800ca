"""Capsule people: joints from a pose, then paint."""

from __future__ import annotations

import math
from dataclasses import dataclass

from miniature.world.canvas import Canvas, Colour, Point, shade
from miniature.world.poses import SHOULDER_X, SHOULDER_Y, Pose

_UPPER_ARM, _FOREARM = 1.95, 1.9
_THIGH, _SHIN = 2.7, 2.6
_HIP_X = 0.65
_DARK: Colour = (40, 34, 36)
_WHITE: Colour = (250, 250, 250)
SKINS: tuple[Colour, ...] = ((244, 200, 168), (176, 118, 82))


@dataclass(frozen=True)
class Look:
    """How a subject looks; `height` is the share of the picture's height, `head` scales the head."""

    height: tuple[float, float]
    head: float
    top: Colour
    legs: Colour | None
    hair: Colour
    style: str


LOOKS: dict[str, Look] = {
    "man": Look((0.72, 0.82), 1.0, (70, 96, 140), (46, 48, 60), (44, 30, 22), "short"),
    "woman": Look((0.70, 0.80), 1.0, (238, 130, 60), None, (92, 52, 26), "long"),
    "boy": Look((0.60, 0.69), 1.15, (150, 214, 190), (96, 84, 72), (232, 190, 96), "short"),
    "girl": Look((0.60, 0.69), 1.15, (246, 226, 236), None, (36, 28, 30), "tails"),
}


def _bend(start: Point, end: Point, upper: float, lower: float, prefer: Point) -> tuple[Point, Point]:
    """Elbow or knee between two ends, on the preferred side, and the end as far as it can reach."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    distance = math.hypot(dx, dy) or 1e-3
    reach = min(max(distance, abs(upper - lower) * 1.1 + 0.05), (upper + lower) * 0.985)
    end = (start[0] + dx * reach / distance, start[1] + dy * reach / distance)
    cosine = (upper**2 + reach**2 - lower**2) / (2 * upper * reach)
    turn = math.acos(max(-1.0, min(1.0, cosine)))
    base = math.atan2(dy, dx)
    middles = [
        (start[0] + upper * math.cos(base + sign * turn), start[1] + upper * math.sin(base + sign * turn))
        for sign in (-1, 1)
    ]
    return max(middles, key=lambda p: p[0] * prefer[0] + p[1] * prefer[1]), end


def joints(pose: Pose, head: float) -> dict[str, Point]:
    """Joints in body units: nose, neck, head, near_/far_ shoulder, elbow, wrist, hip, knee, ankle, eye."""
    neck = (pose.lean, SHOULDER_Y - 0.35)
    centre = (pose.lean, neck[1] - 1.05 * head)
    out = {"neck": neck, "head": centre, "nose": (centre[0], centre[1] + 0.2 * head)}
    limbs = (("near", 1, pose.near_hand, pose.near_foot), ("far", -1, pose.far_hand, pose.far_foot))
    for name, sign, hand, foot in limbs:
        shoulder = (pose.lean + sign * SHOULDER_X, SHOULDER_Y)
        hip = (sign * _HIP_X, 0.0)
        elbow, wrist = _bend(shoulder, hand, _UPPER_ARM, _FOREARM, (sign, 0.8))
        side = sign if abs(pose.lean) < 1 else 1
        knee, ankle = _bend(hip, foot, _THIGH * pose.thigh, _SHIN, (side, -0.3))
        out |= {f"{name}_shoulder": shoulder, f"{name}_elbow": elbow, f"{name}_wrist": wrist}
        out |= {f"{name}_hip": hip, f"{name}_knee": knee, f"{name}_ankle": ankle}
        out[f"{name}_eye"] = (centre[0] + sign * 0.4 * head, centre[1] - 0.08 * head)
    return out


def _paint_head(canvas: Canvas, place: dict[str, Point], u: float, look: Look, skin: Colour) -> None:
    x, y = place["head"]
    k = u * look.head
    canvas.ellipse((x, y - 0.1 * k), 1.06 * k, 1.14 * k, look.hair)
    canvas.ellipse((x, y + 0.12 * k), 0.88 * k, 0.98 * k, skin)
    canvas.half_disc((x, y - 0.42 * k), 0.9 * k, 0.62 * k, look.hair)
    if look.style == "tails":
        for sign in (-1, 1):
            canvas.capsule(
                (x + sign * 1.1 * k, y - 0.3 * k),
                (x + sign * 1.4 * k, y + 0.6 * k),
                0.36 * k,
                0.28 * k,
                look.hair,
            )
    for side in ("near", "far"):
        ex, ey = place[f"{side}_eye"]
        canvas.ellipse((ex, ey), 0.25 * k, 0.2 * k, _WHITE)
        canvas.ellipse((ex, ey), 0.14 * k, 0.17 * k, _DARK)
        canvas.capsule(
            (ex - 0.2 * k, ey - 0.33 * k),
            (ex + 0.2 * k, ey - 0.33 * k),
            0.07 * k,
            0.07 * k,
            shade(look.hair, 0.8),
        )
    nx, ny = place["nose"]
    canvas.polygon(
        [(nx, ny - 0.22 * k), (nx - 0.17 * k, ny + 0.16 * k), (nx + 0.17 * k, ny + 0.16 * k)],
        shade(skin, 0.78),
    )
    canvas.ellipse((x, y + 0.68 * k), 0.36 * k, 0.13 * k, (190, 64, 70))


def paint_body(canvas: Canvas, place: dict[str, Point], u: float, look: Look, skin: Colour) -> None:
    """Paint all but the arms; joints are in pixels and u is pixels per body unit."""
    neck, head = place["neck"], place["head"]
    hip = ((place["near_hip"][0] + place["far_hip"][0]) / 2, place["near_hip"][1])
    if look.style == "long":
        canvas.capsule(head, (neck[0], neck[1] + 0.9 * u), 1.1 * u, 1.25 * u, look.hair)
    cloth = look.legs or skin
    for side in ("far", "near"):
        thigh, knee, ankle = (place[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
        canvas.capsule(thigh, knee, 0.68 * u, 0.55 * u, cloth)
        canvas.capsule(knee, ankle, 0.54 * u, 0.4 * u, shade(cloth, 0.9))
        toe = 0.35 if ankle[0] > hip[0] else -0.35
        canvas.capsule(ankle, (ankle[0] + toe * u, ankle[1] + 0.15 * u), 0.42 * u, 0.36 * u, _DARK)
    chest = (neck[0], neck[1] + 0.7 * u)
    wide = [(chest[0] - 1.4 * u, chest[1]), (chest[0] + 1.4 * u, chest[1])]
    canvas.polygon(
        [*wide, (hip[0] + 1.1 * u, hip[1] + 0.2 * u), (hip[0] - 1.1 * u, hip[1] + 0.2 * u)], look.top
    )
    canvas.capsule((chest[0] - u, chest[1]), (chest[0] + u, chest[1]), 0.5 * u, 0.5 * u, look.top)
    if look.legs is None:
        canvas.polygon(
            [
                (hip[0] - 0.95 * u, hip[1] - 0.6 * u),
                (hip[0] + 0.95 * u, hip[1] - 0.6 * u),
                (hip[0] + 1.75 * u, hip[1] + 1.5 * u),
                (hip[0] - 1.75 * u, hip[1] + 1.5 * u),
            ],
            look.top,
        )
    else:
        canvas.capsule((hip[0] - 0.5 * u, hip[1]), (hip[0] + 0.5 * u, hip[1]), 0.7 * u, 0.7 * u, look.legs)
    canvas.capsule(
        (neck[0], neck[1] + 0.2 * u), (neck[0], neck[1] - 0.3 * u), 0.45 * u, 0.42 * u, shade(skin, 0.88)
    )
    _paint_head(canvas, place, u, look, skin)


def paint_arms(canvas: Canvas, place: dict[str, Point], u: float, look: Look, skin: Colour) -> None:
    """Paint both arms, over everything drawn so far."""
    for side in ("far", "near"):
        shoulder, elbow, wrist = (place[f"{side}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
        canvas.capsule(shoulder, elbow, 0.5 * u, 0.42 * u, shade(look.top, 0.84))
        canvas.capsule(elbow, wrist, 0.4 * u, 0.33 * u, skin)
        canvas.ellipse(wrist, 0.46 * u, 0.46 * u, skin)
