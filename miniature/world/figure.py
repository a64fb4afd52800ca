"""People: joints from a pose, then paint, from the back to the front."""

from __future__ import annotations

import math
from dataclasses import dataclass

from miniature.world.canvas import Canvas, Colour, Point, shade
from miniature.world.face import Gaze, face_points, paint_back_hair, paint_head
from miniature.world.looks import Look
from miniature.world.poses import SHOULDER_Y, Hand, Pose

_UPPER_ARM, _FOREARM = 1.95, 1.85
_THIGH, _SHIN = 2.75, 2.65
_SHOULDER_X, _HIP_X = 1.25, 0.62
LIMBS = ("lead", "trail")
Joints = dict[str, Point]


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


def joints(pose: Pose, head: float) -> Joints:
    """Joints in body units: neck, head, lead_/trail_ shoulder, elbow, wrist, hip, knee, ankle."""
    neck = (pose.lean, SHOULDER_Y - 0.35)
    out = {"neck": neck, "head": (pose.lean * 1.12 + 0.2 * pose.turn, neck[1] - 0.3 - 0.95 * head)}
    width = 1 - 0.55 * pose.turn
    limbs = zip(
        LIMBS, (1, -1), (pose.lead_hand, pose.trail_hand), (pose.lead_foot, pose.trail_foot), strict=True
    )
    for number, (name, sign, hand, foot) in enumerate(limbs):
        shoulder = (pose.lean + sign * _SHOULDER_X * width, SHOULDER_Y)
        hip = (sign * _HIP_X * width, 0.0)
        away = pose.turn < 0.5 and pose.depth != "between"
        prefer = (float(sign), 0.8) if away else (-0.6, 1.0)
        elbow, wrist = _bend(shoulder, hand, _UPPER_ARM, _FOREARM, prefer)
        if pose.knees:
            knee, ankle = pose.knees[number], foot
        else:
            side = float(sign) if pose.turn < 0.3 else 1.0
            knee, ankle = _bend(hip, foot, _THIGH * pose.thigh, _SHIN, (side, -0.3))
        out |= {f"{name}_shoulder": shoulder, f"{name}_elbow": elbow, f"{name}_wrist": wrist}
        out |= {f"{name}_hip": hip, f"{name}_knee": knee, f"{name}_ankle": ankle}
    return out


@dataclass(frozen=True)
class Figure:
    """A person in pixels: `joints`, pixels per body `unit`, and whether it faces right (1) or left (-1)."""

    joints: Joints
    unit: float
    side: int
    pose: Pose
    look: Look
    skin: Colour
    gaze: Gaze

    @property
    def head_size(self) -> float:
        """About half of the head's width in pixels."""
        return self.unit * self.look.head

    def face(self) -> Joints:
        """Nose and eyes in pixels under the person's own left and right."""
        return face_points(self.joints["head"], self.head_size, self.gaze)


def _along(start: Point, end: Point) -> tuple[Point, Point]:
    """Unit vector from start to end and the one to its right."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    return (dx / length, dy / length), (-dy / length, dx / length)


def _step(start: Point, way: Point, length: float) -> Point:
    return start[0] + way[0] * length, start[1] + way[1] * length


def _turned(way: Point, degrees: float) -> Point:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return way[0] * c - way[1] * s, way[0] * s + way[1] * c


def paint_leg(canvas: Canvas, figure: Figure, limb: str) -> None:
    """Paint thigh, shin, shoe and the part of a dress that lies on the thigh."""
    u, look, at = figure.unit, figure.look, figure.joints
    hip, knee, ankle = (at[f"{limb}_{joint}"] for joint in ("hip", "knee", "ankle"))
    w = u * look.limb
    darker = 0.9 if limb == "lead" and figure.pose.turn >= 0.3 else 1.0
    skin, cloth = shade(figure.skin, 0.96 * darker), shade(look.lower, darker)
    shin = cloth if look.legs == "trousers" else skin
    canvas.capsule(knee, ankle, 0.5 * w, 0.38 * w, shin)
    _paint_shoe(canvas, figure, knee, ankle, limb)
    canvas.capsule(hip, knee, 0.66 * w, 0.5 * w, cloth if look.legs != "dress" else skin)
    way, _ = _along(hip, knee)
    if look.legs == "shorts":
        canvas.capsule(knee, _step(knee, way, 0.05 * u), 0.48 * w, 0.46 * w, skin)
        canvas.capsule(hip, _step(hip, way, 1.9 * u), 0.72 * w, 0.64 * w, cloth)
    if look.legs == "dress":
        canvas.capsule(hip, _step(hip, way, 1.3 * u), 0.75 * w, 0.75 * w, cloth)


def _paint_skirt(canvas: Canvas, figure: Figure) -> None:
    """Close a dress between the two thighs."""
    u, at = figure.unit, figure.joints
    w, hem, waist = u * figure.look.limb, [], []
    for limb in LIMBS:
        hip = at[f"{limb}_hip"]
        way, right = _along(hip, at[f"{limb}_knee"])
        end = _step(hip, way, 2.15 * u)
        out = 1 if right[0] * (end[0] - (at["lead_hip"][0] + at["trail_hip"][0]) / 2) > 0 else -1
        hem.append(_step(end, right, 0.75 * out * w))
        waist.append(_step(hip, right, 0.6 * out * w))
    canvas.polygon([waist[0], hem[0], hem[1], waist[1]], figure.look.lower)


def _paint_shoe(canvas: Canvas, figure: Figure, knee: Point, ankle: Point, limb: str) -> None:
    u, w = figure.unit, figure.unit * figure.look.limb
    way, right = _along(knee, ankle)
    forward = figure.side if figure.pose.turn >= 0.3 else (1 if ankle[0] >= figure.joints["neck"][0] else -1)
    toe = right if right[0] * forward > 0 else (-right[0], -right[1])
    if abs(toe[0]) < 0.3:
        toe = (0.3 * forward, -0.95)
    heel = _step(ankle, way, 0.12 * u)
    length = (0.62 if figure.pose.turn >= 0.3 else 0.42) * u
    canvas.capsule(heel, _step(heel, toe, length), 0.42 * w, 0.34 * w, figure.look.shoes)


def paint_trunk(canvas: Canvas, figure: Figure) -> None:
    """Paint trunk, neck and head."""
    u, look, at = figure.unit, figure.look, figure.joints
    w = u * look.limb
    (lx, ly), (tx, ty) = at["lead_shoulder"], at["trail_shoulder"]
    (hx, hy), (gx, gy) = at["lead_hip"], at["trail_hip"]
    sign = 1 if lx >= tx else -1
    pad, waist = 0.22 * w, 0.42 * w
    corners = [(lx + sign * pad, ly), (tx - sign * pad, ty), (gx - sign * waist, gy), (hx + sign * waist, hy)]
    canvas.polygon(corners, look.top)
    canvas.capsule((lx, ly), (tx, ty), 0.52 * w, 0.52 * w, look.top)
    canvas.capsule((hx, hy), (gx, gy), 0.62 * w, 0.62 * w, look.lower)
    if look.legs == "dress":
        _paint_skirt(canvas, figure)
    if look.stripe:
        places = [
            ((a[0] * 0.62 + b[0] * 0.38), (a[1] * 0.62 + b[1] * 0.38))
            for a, b in zip(corners[:2], (corners[3], corners[2]), strict=True)
        ]
        canvas.capsule(places[0], places[1], 0.24 * u, 0.24 * u, look.stripe)
    neck, head = at["neck"], at["head"]
    canvas.capsule(
        (neck[0], neck[1] + 0.25 * u),
        (head[0], head[1] + 0.5 * u),
        0.42 * w,
        0.42 * w,
        shade(figure.skin, 0.88),
    )
    paint_head(canvas, head, figure.head_size, look, figure.skin, figure.gaze)


def paint_hair_behind(canvas: Canvas, figure: Figure) -> None:
    """Paint what hangs behind the whole body."""
    paint_back_hair(canvas, figure.joints["head"], figure.head_size, figure.look)


def paint_arm(canvas: Canvas, figure: Figure, limb: str) -> None:
    """Paint one arm with its hand."""
    u, look, at = figure.unit, figure.look, figure.joints
    w = u * look.limb
    shoulder, elbow, wrist = (at[f"{limb}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
    sleeve = shade(look.top, 0.84)
    lower = sleeve if look.long_sleeves else figure.skin
    way, _ = _along(elbow, wrist)
    _paint_hand(canvas, figure, wrist, way, figure.pose.hands[LIMBS.index(limb)])
    canvas.capsule(elbow, _step(wrist, way, -0.15 * u), 0.36 * w, 0.29 * w, lower)
    canvas.capsule(shoulder, elbow, 0.47 * w, 0.38 * w, sleeve)


def _paint_hand(canvas: Canvas, figure: Figure, wrist: Point, way: Point, shape: Hand) -> None:
    u, skin = figure.unit * (0.5 + 0.5 * figure.look.limb), figure.skin
    palm = _step(wrist, way, 0.28 * u)
    turn = 1 if way[0] * figure.side > 0 or shape == "rest" else -1
    thumb = _turned(way, -62 * figure.side * turn)
    canvas.capsule(wrist, palm, 0.3 * u, 0.4 * u, skin)
    canvas.capsule(palm, _step(palm, thumb, 0.58 * u), 0.19 * u, 0.17 * u, skin)
    if shape == "fist":
        canvas.ellipse(_step(wrist, way, 0.36 * u), 0.44 * u, 0.44 * u, skin)
    if shape == "rest":
        canvas.capsule(palm, _step(palm, way, 0.36 * u), 0.38 * u, 0.26 * u, skin)
    if shape == "point":
        canvas.capsule(palm, _step(palm, way, 1.2 * u), 0.21 * u, 0.18 * u, skin)
    if shape == "open":
        for degrees in (-38, 0, 38):
            canvas.capsule(palm, _step(palm, _turned(way, degrees), 0.88 * u), 0.2 * u, 0.18 * u, skin)
