"""What the measurements of the service make of what they saw; no service here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from benchmarks.service import memory, processes
from benchmarks.service.asking import Answer, Asker
from benchmarks.service.callers import Outcome, by_images, by_runs, is_whole, verdict
from benchmarks.service.chaos import is_same, is_well
from benchmarks.service.figures import Figure, percentile
from benchmarks.service.load import Load, judged, overheads
from tests.deployments.conftest import app_over_fakes, served
from tests.record.fakes import FakeReasoner

GREY = np.full((4, 4, 3), 90, np.uint8)
REFUSAL = b'{"error": {"type": "rate_limit_error", "code": "overloaded", "message": "later", "param": null}}'


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_a_percentile_of_nothing_is_unknown_and_keeps_no_limit() -> None:
    assert math.isnan(percentile([], 0.5))
    assert not Figure("p99", math.nan, "ms", ("<=", 100)).is_kept
    assert Figure("p99", math.nan).is_kept and Figure("p99", math.nan).verdict == ""


@pytest.mark.parametrize(("value", "word"), [(99.0, "yes"), (100.0, "yes"), (101.0, "NO")])
def test_a_limit_is_kept_or_not(value: float, word: str) -> None:
    assert Figure("p99", value, "ms", ("<=", 100)).verdict == word


def test_kills_are_spread_between_the_first_request_and_the_last() -> None:
    assert processes.schedule(("A", "B", "C"), 12) == [(3, "A"), (6, "B"), (9, "C")]
    assert all(0 < after < 5 for after, _ in processes.schedule(("A", "B"), 5))


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("ray::ServeReplica:record:Diffusion", "Diffusion"),
        ("ray::ServeReplica:record:VLM.initialize_and_get_metadata", "VLM"),
        ("ray::ProxyActor", "ProxyActor"),
        ("/opt/ray/core/src/ray/raylet/raylet", "raylet"),
        ("ray::IDLE", "IDLE"),
    ],
)
def test_processes_are_told_apart_by_their_titles(title: str, kind: str) -> None:
    assert processes.kind_of(title) == kind


def test_a_request_is_lost_without_a_picture_and_wrong_with_another() -> None:
    other = GREY + np.uint8(40)
    outcomes = [
        Outcome(0, picture=GREY + np.uint8(1)),
        Outcome(0, picture=other),
        Outcome(0, picture=other, is_degraded=True),
        Outcome(0, why="run-1 failed"),
    ]
    found = verdict(outcomes, [GREY])
    assert (found.lost, found.wrong, found.degraded) == ([outcomes[3]], [outcomes[1]], 1)
    assert not is_well(found) and is_well(verdict(outcomes[:1], [GREY]))


def test_after_a_restart_every_picture_has_to_be_the_same_and_no_part_missing() -> None:
    same, degraded = Outcome(0, picture=GREY), Outcome(0, picture=GREY, is_degraded=True)
    assert is_same(verdict([same, same], [GREY]), 2)
    found = verdict([same, degraded], [GREY])
    assert is_well(found) and not is_same(found, 2) and not is_same(verdict([same], [GREY]), 2)


def test_a_hasty_picture_without_its_object_misses_no_part() -> None:
    assert is_whole([]) and is_whole([{"stage": "look"}])
    assert not is_whole([{"stage": "look"}, {"stage": "select"}])


@pytest.mark.parametrize("ask", [by_images, by_runs])
@pytest.mark.parametrize("fails", [False, True])
async def test_a_caller_knows_whether_a_part_was_missing(ask: Any, fails: bool) -> None:
    with served(app_over_fakes(reasoner=FakeReasoner(failing=fails))) as address:
        async with Asker(address) as asker:
            outcome = await ask(asker, 0, {"prompt": "a woman is kicking a ball"}, "key")
    assert outcome.picture is not None and outcome.is_degraded is fails


def test_an_error_that_the_application_did_not_write_is_foreign() -> None:
    outcome = Outcome(0, picture=GREY)
    outcome.saw(Answer(429, 0.1, REFUSAL))
    assert outcome.foreign == []
    outcome.saw(Answer(500, 0.1, b"Internal Server Error"))
    found = verdict([outcome], [GREY])
    assert found.foreign == ["500: b'Internal Server Error'"] and not is_well(found)
    assert found.statuses == {429: 1, 500: 1}


def test_the_overload_is_judged_by_what_was_refused_and_how() -> None:
    polite = Answer(429, 0.02, REFUSAL, {"retry-after": "3"})
    found = {one.name: one for one in judged(Load([Answer(200, 2.0)] * 9 + [polite], 10.0), 1.0)}
    assert all(one.is_kept for one in found.values())
    rude = [Answer(429, 0.4, REFUSAL), Answer(408, 9.0, REFUSAL), Answer(500, 1.0, b"no")]
    found = {one.name: one for one in judged(Load(rude, 10.0), 1.0)}
    assert not any(one.is_kept for one in found.values() if one.limit)


def test_overhead_is_what_the_stages_do_not_say() -> None:
    told = b'{"data": [{"run": {"timings": {"propose": 1.0, "correct": 0.5}}}]}'
    assert overheads([Answer(200, 2.0, told), Answer(429, 0.1, REFUSAL)]) == [0.5]


@pytest.mark.parametrize(("slope", "is_kept"), [(0.0, True), (0.1, True), (1.0, False)])
def test_growth_is_counted_after_the_warm_up(slope: float, is_kept: bool) -> None:
    warming = [200.0, 500.0, 900.0]
    sizes = warming + [1000 + slope * i for i in range(97)]
    (grown,) = memory.growth(memory.Sample(i, "Ingress", 7, mib) for i, mib in enumerate(sizes))
    assert grown.samples == 100 and grown.is_kept is is_kept


def test_processes_that_share_a_kind_are_counted_apart() -> None:
    samples: list[Any] = [memory.Sample(0, "Ingress", pid, pid) for pid in (7, 8)]
    assert [one.pid for one in memory.growth(samples)] == [8, 7]
