"""Spans by OpenTelemetry; imported only where somebody collects them."""

from __future__ import annotations

import hashlib
import os

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags, set_span_in_context
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace.status import Status, StatusCode

from deployments.seeing.span import Attributes

RUN = "record.run"
"""The attribute that names a span's run."""


def to_collector() -> SpanProcessor:
    """Sends spans to the address that OpenTelemetry's own variables name, in batches and in a thread."""
    return BatchSpanProcessor(OTLPSpanExporter())


def trace_of(run: str) -> tuple[int, int]:
    """The ids of a run's trace and of its first span."""
    digest = hashlib.sha256(run.encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


class Exported:
    """`Tracing` whose spans go to a processor."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor
        self._resource = Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "record")})
        self._tracer = self._provider().get_tracer("record")

    def request(self, run: str, name: str, start_ns: int, attributes: Attributes) -> None:
        """The run's first span: the only one whose ids are not by chance."""
        tracer = self._provider(_Given(*trace_of(run))).get_tracer("record")
        told = {**attributes, RUN: run}
        tracer.start_span(name, Context(), SpanKind.SERVER, told, start_time=start_ns).end()

    def begin(self, run: str, name: str, parent: int, attributes: Attributes) -> OpenSpan:
        """A span below `parent`."""
        trace, first = trace_of(run)
        above = SpanContext(trace, parent or first, True, TraceFlags(TraceFlags.SAMPLED))
        context = set_span_in_context(NonRecordingSpan(above), Context())
        return OpenSpan(self._tracer.start_span(name, context, attributes={**attributes, RUN: run}))

    def _provider(self, ids: RandomIdGenerator | None = None) -> TracerProvider:
        provider = TracerProvider(resource=self._resource, id_generator=ids, shutdown_on_exit=ids is None)
        provider.add_span_processor(self._processor)
        return provider


class OpenSpan:
    """A span that goes on."""

    def __init__(self, span: OtelSpan) -> None:
        self._span = span
        self.id = span.get_span_context().span_id

    def rename(self, name: str) -> None:
        """Call it otherwise."""
        self._span.update_name(name)

    def end(self, error: str = "") -> None:
        """It is over; said again, nothing happens."""
        if not self._span.is_recording():
            return
        if error:
            self._span.set_status(Status(StatusCode.ERROR, error))
        self._span.end()


class _Given(RandomIdGenerator):
    """Ids that are known beforehand."""

    def __init__(self, trace: int, span: int) -> None:
        self._trace, self._span = trace, span

    def generate_trace_id(self) -> int:
        return self._trace

    def generate_span_id(self) -> int:
        return self._span

    def is_trace_id_random(self) -> bool:
        return False
