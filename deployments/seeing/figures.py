"""Everything that is measured, by name, labels and unit; Ray's metrics port of each node tells it.

Ray puts `ray_` before the names, and adds labels for node and process (`WorkerId`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

SHORT_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LONG_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
ROWS = (1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0)


@dataclass(frozen=True)
class Figure:
    """Something measured: its name with the unit, what it says, and its labels, all of which are given."""

    kind: ClassVar[str]
    name: str
    said: str
    labels: tuple[str, ...] = ()

    def tags(self, labels: dict[str, str]) -> dict[str, str]:
        """The labels' values as text; KeyError where one is missing."""
        return {label: str(labels[label]) for label in self.labels}


@dataclass(frozen=True)
class Counter(Figure):
    """Something that only grows; told of by its rate."""

    kind = "counter"

    def add(self, amount: float = 1, **labels: str) -> None:
        """Count more; nothing happens for 0."""
        if amount > 0:
            meter_of(self).inc(amount, self.tags(labels))


@dataclass(frozen=True)
class Gauge(Figure):
    """Something that goes up and down."""

    kind = "gauge"

    def set(self, value: float, **labels: str) -> None:
        """Say how it stands now."""
        meter_of(self).set(value, self.tags(labels))


@dataclass(frozen=True)
class Histogram(Figure):
    """How something is spread over `bounds`. Ray only estimates its sum: ask for quantiles, not for means."""

    kind = "histogram"
    bounds: tuple[float, ...] = SHORT_S

    def observe(self, value: float, **labels: str) -> None:
        """Count one of this size."""
        meter_of(self).observe(value, self.tags(labels))


@cache
def meter_of(figure: Figure) -> Any:
    """Ray's own meter of a figure; without Ray what it is told goes nowhere."""
    from ray.util import metrics

    if isinstance(figure, Histogram):
        return metrics.Histogram(figure.name, figure.said, list(figure.bounds), figure.labels)
    made: Callable[..., Any] = metrics.Counter if isinstance(figure, Counter) else metrics.Gauge
    return made(figure.name, figure.said, tag_keys=figure.labels)


RUN_SECONDS = Histogram(
    "record_run_seconds", "from a run's acceptance to its end", ("method", "status"), LONG_S
)
QUEUED_SECONDS = Histogram("record_run_queued_seconds", "from acceptance to the first start", (), LONG_S)
STAGE_SECONDS = Histogram("record_stage_seconds", "a stage of a picture's story", ("method", "stage"), LONG_S)
DEGRADED = Counter(
    "record_degraded_total", "times that a picture went on without a part, by its stage", ("stage",)
)
REJECTED = Counter("record_rejected_total", "requests answered with 429, by the error's code", ("reason",))
RETRIES = Counter("record_call_retries_total", "calls repeated because a replica was lost", ("call",))
VLM_SECONDS = Histogram("record_vlm_seconds", "a call of the vision-language model", ("outcome",), LONG_S)
VLM_TOKENS = Counter("record_vlm_tokens_total", "tokens read (prompt) and written (completion)", ("kind",))
STEP_SECONDS = Histogram("record_engine_step_seconds", "a step of the denoiser for all that share it")
STEP_ROWS = Histogram("record_engine_step_rows", "rows of the denoiser's call in a step", (), ROWS)
ENGINE_PICTURES = Gauge("record_engine_pictures", "pictures begun or waiting after an engine's last step")
RUNS = Gauge("record_runs", "runs in the store; every replica of the edge says the same", ("status",))
ROW_STEPS = Gauge("record_queue_row_steps", "the cost of what was accepted and has not ended, in row-steps")
PACE = Gauge("record_pace_row_steps_per_second", "how fast all replicas together drew lately")
STORE_BYTES = Gauge("record_store_bytes", "bytes of all artefacts; what runs share counts for each")

FIGURES: tuple[Figure, ...] = tuple(one for one in list(globals().values()) if isinstance(one, Figure))
