"""How a vision-language model is spoken to, and in what unit it writes coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from record.geometry import Box

Style = Literal["compact", "general"]
Coordinates = Literal["unit", "hundredths", "thousandths", "pixels"]

_SCALES: dict[Coordinates, float] = {"unit": 1.0, "hundredths": 100.0, "thousandths": 1000.0}


@dataclass(frozen=True)
class Dialect:
    """The wording and the coordinate habit of one model.

    `unit` writes 0..1 with two decimals, `hundredths` whole numbers 0..99, `thousandths` 0..1000, and
    `pixels` the picture's own pixels.
    """

    style: Style
    coordinates: Coordinates

    @property
    def whole(self) -> bool:
        """Whether coordinates are whole numbers."""
        return self.coordinates != "unit"

    def limit(self, size: int) -> int:
        """The largest coordinate along an edge of `size` pixels."""
        limits: dict[Coordinates, int] = {"unit": 1, "hundredths": 99, "thousandths": 1000, "pixels": size}
        return limits[self.coordinates]

    def write(self, share: float, size: int) -> str:
        """One coordinate (0..1 along an edge of `size` pixels), as the model reads it."""
        if not self.whole:
            return f"{min(1.0, max(0.0, share)):.2f}"
        scaled = share * self._scale(size)
        whole = int(scaled) if self.coordinates == "hundredths" else round(scaled)
        return str(min(self.limit(size), max(0, whole)))

    def write_box(self, box: Box, width: int, height: int) -> str:
        """`x0, y0, x1, y1`."""
        x0, y0, x1, y1 = box.to_list()
        values = ((x0, width), (y0, height), (x1, width), (y1, height))
        return ", ".join(self.write(share, size) for share, size in values)

    def read_box(self, values: Sequence[float], width: int, height: int) -> Box:
        """The model's four numbers as a box in 0..1: ordered and clamped, perhaps without area."""
        middle = 0.5 if self.coordinates == "hundredths" else 0.0
        sizes = (width, height, width, height)
        shares = [(v + middle) / self._scale(s) for v, s in zip(values, sizes, strict=True)]
        return Box.of(shares).clamp()

    def _scale(self, size: int) -> float:
        return float(size) if self.coordinates == "pixels" else _SCALES[self.coordinates]


COMPACT = Dialect("compact", "hundredths")
"""Of the miniature model: hardly a word, whole numbers 0..99, one token each."""
GENERAL = Dialect("general", "thousandths")
"""Of Qwen-VL or GPT-4o class models."""
