"""What is seen of requests to the HTTP edge over a small cast."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from deployments.seeing import logs
from deployments.seeing.carrying import carrier, serving
from deployments.seeing.figures import DEGRADED, QUEUED_SECONDS, REJECTED, RUN_SECONDS, STAGE_SECONDS
from deployments.seeing.spans import trace_of
from record.types import Look
from tests.deployments.seeing.conftest import Spans, Told
from tests.record.fakes import FakeAnalyst, FakeReasoner

Serve = Callable[..., TestClient]
KICK = {"prompt": "a woman is kicking a ball"}
SECRET = "canary-5d1f"


def test_a_finished_run_is_timed_with_its_stages(serve: Serve, told: Callable[..., Told]) -> None:
    assert serve().post("/v1/images/generations", json=KICK).status_code == 200
    [(seconds, labels)] = told(RUN_SECONDS)
    assert seconds > 0 and labels == {"method": "record", "status": "finished"}
    assert len(told(QUEUED_SECONDS)) == 1
    stages = [tags["stage"] for _, tags in told(STAGE_SECONDS)]
    assert stages[0] == "propose" and "correct" in stages and not told(DEGRADED)


def test_what_a_picture_lacks_is_counted(serve: Serve, told: Callable[..., Told]) -> None:
    serve(None, FakeReasoner(failing=True)).post("/v1/images/generations", json=KICK)
    assert "select" in [tags["stage"] for _, tags in told(DEGRADED)]


def test_a_request_that_is_turned_away_is_counted_by_its_reason(
    serve: Serve, told: Callable[..., Told]
) -> None:
    from deployments.edge.errors import answer
    from record.errors import OverloadedError

    answer(OverloadedError("too many wait", retry_after_s=3))
    assert told(REJECTED) == [(1, {"reason": "overloaded"})]


def test_one_trace_holds_request_run_and_stages(serve: Serve, spans: Spans) -> None:
    run = serve().post("/v1/images/generations", json=KICK).headers["x-run-id"]
    found = {span.name: span for span in spans()}
    request, whole, stage = (found[name] for name in ("POST /v1/images/generations", "run", "propose"))
    trace, first = trace_of(run)
    assert {span.context.trace_id for span in found.values()} == {trace}
    assert request.context.span_id == first and request.parent is None
    assert whole.parent is not None and whole.parent.span_id == first
    assert stage.parent is not None and stage.parent.span_id == whole.context.span_id
    assert all(span.attributes and span.attributes["record.run"] == run for span in found.values())
    assert "woman" not in "".join(span.to_json() for span in found.values())


def test_a_request_that_brought_no_run_leaves_no_trace(serve: Serve, spans: Spans) -> None:
    serve().get("/v1/status")
    assert not spans()


class CarriedAnalyst(FakeAnalyst):
    """Looks as a replica would that was called by handle."""

    async def look(self, *arguments: object) -> Look:
        with serving(carrier()["carrier"], "Analysis.look"):
            logging.getLogger("ray.serve").warning("looking")
            return await super().look(*arguments)  # type: ignore[arg-type]


def test_a_replicas_work_is_a_part_of_the_stage_that_called_it(
    serve: Serve, spans: Spans, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tests.deployments.conftest.FakeAnalyst", CarriedAnalyst)
    monkeypatch.setattr(logs.log, "propagate", True)
    run = serve().post("/v1/images/generations", json=KICK).headers["x-run-id"]
    named = {span.context.span_id: span for span in spans()}
    looks = [span for span in spans() if span.name == "Analysis.look"]
    assert looks
    for look in looks:
        assert look.parent is not None
        assert named[look.parent.span_id].name in ("analyse", "propose", "look", "judge")
    lines = [line for line in caplog.records if "looking" in line.getMessage()]
    assert lines and all(line.getMessage() == f"{run}: looking" for line in lines)
    assert all(line.__dict__["run_id"] == run for line in lines)
