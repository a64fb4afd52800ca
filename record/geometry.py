"""Boxes: always xyxy, as shares (0..1) of the picture's width and height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """An axis-aligned box; x grows to the right and y downwards, 0..1 of the picture."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Box:
        """Make a box from four numbers in any corner order; ValueError if there are not four."""
        if len(values) != 4:
            raise ValueError(f"a box needs 4 numbers [x0, y0, x1, y1], got {len(values)}")
        left, top, right, bottom = (float(v) for v in values)
        return cls(min(left, right), min(top, bottom), max(left, right), max(top, bottom))

    @classmethod
    def from_text(cls, text: str) -> Box:
        """`x0,y0,x1,y1` in 0..1 as a box; ValueError with the remedy where it is none inside the picture."""
        try:
            box = cls.of([float(number) for number in text.split(",")])
        except ValueError as error:
            raise ValueError(f"{text!r}: {error}; write x0,y0,x1,y1 such as 0.5,0.5,0.8,0.9") from error
        if not box.is_inside:
            raise ValueError(f"{text!r}: the four numbers lie between 0 and 1 and span some area")
        return box

    @property
    def width(self) -> float:
        """Share of the picture's width."""
        return max(0.0, self.x1 - self.x0)

    @property
    def height(self) -> float:
        """Share of the picture's height."""
        return max(0.0, self.y1 - self.y0)

    @property
    def area(self) -> float:
        """Share of the picture's area."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def is_inside(self) -> bool:
        """Whether it has some area and none of it outside the picture."""
        return self.area > 0 and self == self.clamp()

    def clamp(self) -> Box:
        """Cut off what lies outside the picture."""
        x0, y0, x1, y1 = (min(1.0, max(0.0, v)) for v in self.to_list())
        return Box(x0, y0, x1, y1)

    def scaled(self, factor: float) -> Box:
        """`factor` times as wide and high about the same centre, cut off at the picture's edge."""
        (x, y), wide, high = self.centre, self.width * factor / 2, self.height * factor / 2
        return Box(x - wide, y - high, x + wide, y + high).clamp()

    def halfway_to(self, other: Box) -> Box:
        """The box whose corners lie halfway between both boxes' corners."""
        pairs = zip(self.to_list(), other.to_list(), strict=True)
        return Box.of([(mine + its) / 2 for mine, its in pairs])

    def iou(self, other: Box) -> float:
        """Intersection over union, 0..1; 0 where both are empty."""
        wide = min(self.x1, other.x1) - max(self.x0, other.x0)
        high = min(self.y1, other.y1) - max(self.y0, other.y0)
        shared = max(0.0, wide) * max(0.0, high)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def distance(self, other: Box) -> float:
        """Euclidean distance between the centres, in shares of the picture."""
        (ax, ay), (bx, by) = self.centre, other.centre
        return float(((ax - bx) ** 2 + (ay - by) ** 2) ** 0.5)

    def to_grid(self, size: int) -> tuple[int, int, int, int]:
        """Cells (left, top, right, bottom) of a size x size map, at least one cell each way."""
        left = min(size - 1, max(0, round(self.x0 * size)))
        top = min(size - 1, max(0, round(self.y0 * size)))
        right = max(left + 1, min(size, round(self.x1 * size)))
        bottom = max(top + 1, min(size, round(self.y1 * size)))
        return left, top, right, bottom

    def to_list(self) -> list[float]:
        """[x0, y0, x1, y1], as JSON carries it."""
        return [self.x0, self.y0, self.x1, self.y1]
