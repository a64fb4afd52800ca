"""How a vision-language model is spoken to, and in what unit it writes coordinates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from record.geometry import Box

Style = Literal["compact", "general"]
Coordinates = Literal["unit", "hundredths", "thousandths", "pixels"]

PATCH = 28
"""Models of the pixel habit (Qwen2.5-VL) resize pictures to multiples of this, and count in those pixels."""
_SCALES: dict[Coordinates, float] = {"unit": 1.0, "hundredths": 100.0, "thousandths": 1000.0}


@dataclass(frozen=True)
class Dialect:
    """The wording and the coordinate habit of one model.

    `unit` writes 0..1 with two decimals, `hundredths` whole numbers 0..99, `thousandths` 0..1000, and
    `pixels` those of the picture as it is sent, whose edges are then multiples of `PATCH`.
    """

    style: Style
    coordinates: Coordinates

    @property
    def whole(self) -> bool:
        """Whether coordinates are whole numbers."""
        return self.coordinates != "unit"

    def sent_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height a picture is sent in, so that the model does not resize it further."""
        if self.coordinates != "pixels":
            return width, height
        return max(2, round(width / PATCH)) * PATCH, max(2, round(height / PATCH)) * PATCH

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

_HABITS: tuple[tuple[str, Coordinates], ...] = (
    ("qwen25vl", "pixels"),
    ("qwen", "thousandths"),
    ("internvl", "thousandths"),
    ("minicpmv", "thousandths"),
    ("glm4", "thousandths"),
    ("gemini", "thousandths"),
    ("kimivl", "unit"),
    ("llava", "unit"),
    ("gpt", "unit"),
)
"""The first fragment that a model's name has in it, letters and digits alone, decides."""


def habit_of(model: str) -> Coordinates:
    """How the model of that name (hub id, folder or API name) writes coordinates by training.

    - Qwen-VL, Qwen2-VL: 0..1000 (arXiv 2409.12191, section 2; QwenLM/Qwen3-VL issue 866).
    - Qwen2.5-VL: pixels of the picture as its processor resizes it (QwenLM/Qwen3-VL issues 676, 866).
    - Qwen3-VL and later: 0..1000 again (QwenLM/Qwen3-VL issue 1486).
    - InternVL: 0..1000 (its documentation, "Chat data format").
    - MiniCPM-V: 0..1000 (OpenBMB/MiniCPM-V issue 982).
    - GLM-4V family: 0..1000 (zai-org, "GLMV-Grounding").
    - Gemini: 0..1000 (Gemini API, "box_2d"); by itself it puts y first, which the question rules out.
    - Kimi-VL: 0..1 (MoonshotAI/Kimi-VL issue 56). LLaVA: 0..1 (haotian-liu/LLaVA issue 606).
    - GPT: none known; 0..1, since the API resizes pictures unseen.

    Any other name gets 0..1000, the commonest.
    """
    name = re.sub(r"[^a-z0-9]", "", model.lower())
    return next((habit for fragment, habit in _HABITS if fragment in name), "thousandths")


def dialect_for(style: Style, model: str, coordinates: Coordinates | None = None) -> Dialect:
    """The dialect of the model of that name; `coordinates` overrule what is known of it."""
    if style == "compact" and coordinates is None:
        return COMPACT
    return Dialect(style, coordinates or habit_of(model))
