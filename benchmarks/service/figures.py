"""Figures of many answers: percentiles, what stands in a report, and whether it is as it should be."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.table import Table

Limit = Literal["<=", ">=", "=="]
_HOLDS: dict[Limit, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
}


@dataclass(frozen=True)
class Figure:
    """A number that was measured and, where there is one, the limit that it should keep."""

    name: str
    value: float
    unit: str = ""
    limit: tuple[Limit, float] | None = None

    @property
    def is_kept(self) -> bool:
        """Whether it is within its limit; a value that is not known is not."""
        return self.limit is None or _HOLDS[self.limit[0]](self.value, self.limit[1])

    @property
    def verdict(self) -> str:
        """One word, or nothing where there is no limit."""
        return "" if self.limit is None else "yes" if self.is_kept else "NO"


def percentile(values: Iterable[float], share: float) -> float:
    """The least value that `share` (0 to 1) of all are not above; nan without any."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


def spread(name: str, seconds: Sequence[float]) -> list[Figure]:
    """Median and 99th percentile, in milliseconds."""
    parts = (("p50", 0.5), ("p99", 0.99))
    return [Figure(f"{name}, {part}", 1000 * percentile(seconds, share), "ms") for part, share in parts]


def table(title: str, figures: Sequence[Figure]) -> Table:
    """One row a figure."""
    shown = Table("measure", "value", "unit", "wanted", "kept", title=title)
    for one in figures:
        wanted = "" if one.limit is None else f"{one.limit[0]} {one.limit[1]:g}"
        shown.add_row(one.name, f"{one.value:.4g}", one.unit, wanted, one.verdict)
    return shown
