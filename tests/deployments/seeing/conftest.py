"""What was measured, in place of Ray's meters; and a trace that stays in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deployments.seeing import figures, traces
from deployments.seeing.figures import Figure
from deployments.seeing.spans import Exported

Told = list[tuple[float, dict[str, str]]]
Spans = Callable[[], Sequence[ReadableSpan]]


@dataclass
class Kept:
    """Stands for a meter of Ray's: remembers what it was told."""

    told: Told = field(default_factory=list)

    def inc(self, amount: float, tags: dict[str, str]) -> None:
        self.told.append((amount, tags))

    observe = set = inc


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[Figure], Told]:
    """What any figure was told since the test began."""
    meters: dict[Figure, Kept] = {}

    def meter_of(figure: Figure) -> Kept:
        return meters.setdefault(figure, Kept())

    monkeypatch.setattr(figures, "meter_of", meter_of)
    return lambda figure: meter_of(figure).told


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spans]:
    """The spans that ended since the test began, with tracing switched on."""
    exporter = InMemorySpanExporter()
    makes = Exported(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(traces, "tracing", lambda: makes)
    yield exporter.get_finished_spans
