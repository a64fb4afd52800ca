"""Ways of batching: who goes in, and that everyone comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.engine.load import MOST, STEP, WAYS, Arrival, arrivals, jobs, serve
from record.backbone import Backbone
from record.job import Job
from record.reading.prompt import parse
from record.settings import Drawing

ALIKE, UNLIKE, _ = WAYS
PLAIN = Job(parse("a woman is kicking a ball"), 0, Drawing(method="plain", steps=2))
LONGER = replace(PLAIN, drawing=Drawing(method="plain", steps=3))
WAITING = [Arrival(0.1 * i, LONGER if i % 2 else PLAIN) for i in range(3 * MOST)]


def test_a_batch_of_like_requests_is_that_of_the_oldest() -> None:
    entering = ALIKE.admitted(WAITING)
    assert [arrival.job for arrival in entering] == [PLAIN] * MOST
    assert [arrival.at for arrival in entering] == sorted(arrival.at for arrival in entering)


def test_unlike_requests_fill_a_batch_and_all_join_at_steps() -> None:
    assert UNLIKE.admitted(WAITING) == WAITING[:MOST]
    assert STEP.admitted(WAITING) == WAITING


def test_arrivals_come_at_the_asked_rate(backbone: Backbone) -> None:
    coming = arrivals(jobs(backbone, 400), rate=2.0)
    assert coming[-1].at == pytest.approx(200, rel=0.15)
    assert [arrival.job for arrival in coming] == jobs(backbone, 400)


def test_every_way_answers_every_request(backbone: Backbone) -> None:
    coming = [Arrival(0.0, PLAIN), Arrival(0.0, LONGER), Arrival(1000.0, PLAIN)]
    for server in serve(backbone, coming):
        assert len(server.latencies) == 3
        assert min(server.latencies) > 0
        assert server.clock > 1000 > max(server.latencies)


def test_a_whole_batch_is_handed_out_together(backbone: Backbone) -> None:
    at_once = [Arrival(0.0, PLAIN), Arrival(0.0, LONGER)]
    (whole,), (stepped,) = (serve(backbone, at_once, [way]) for way in (UNLIKE, STEP))
    assert whole.latencies[0] == whole.latencies[1]
    assert stepped.latencies[0] < stepped.latencies[1]
