"""The fleet's load and its comparisons, without a cluster."""

from __future__ import annotations

import pytest

from benchmarks.fleet.load import BURSTS, PACE, PLAIN, RECORD, Spell, arrivals, pace, patient
from benchmarks.fleet.painter import checkpoint_of
from benchmarks.fleet.planned import compared, simulated
from benchmarks.fleet.play import Answered, Played, Seen
from benchmarks.fleet.scaling import followed, ideal, sudden
from deployments.playing.order import Order
from fleet.pace import Pace
from record.reading.prompt import parse
from record.settings import Settings


def test_the_kinds_cost_what_admission_takes_them_for() -> None:
    for kind in (PLAIN, RECORD):
        body = {k: v for k, v in kind.body(3).items() if k not in ("prompt", "seed", "store")}
        order = Order(parse(kind.body(3)["prompt"], None), (Settings.build(body),))
        assert order.row_steps() == kind.row_steps()
    assert RECORD.row_steps() >= 10 * PLAIN.row_steps()


def test_arrivals_bring_the_work_of_so_many_painters_and_are_the_same_for_a_seed() -> None:
    load = arrivals((Spell(10_000, 3.0),), seed=1)
    work = sum(one.kind.row_steps() for one in load)
    assert work / 10_000 == pytest.approx(3 * pace(), rel=0.1)
    assert arrivals(BURSTS, 5) == arrivals(BURSTS, 5) != arrivals(BURSTS, 6)
    assert {one.kind.within_s for one in patient(load)} == {300.0}


def test_a_stand_ins_checkpoint_says_its_times() -> None:
    assert checkpoint_of(Pace(0.1, 0.05, 5), 2) == "stand-in:0.1:0.05:2"


def test_the_simulation_is_compared_without_the_first_tenth() -> None:
    load = arrivals((Spell(60, 2.0),))
    mean, p95 = compared(load, [99.0] * (len(load) // 10) + list(simulated(load).seconds))
    assert mean.off == p95.off == 0


def test_gpu_seconds_are_held_ones_and_the_ideal_is_full_painters() -> None:
    seen = [Seen(0, 1, 1, 1), Seen(2, 1, 3, 3), Seen(4, 3, 3, 3)]
    answer = Answered(sudden(1)[0], 3.0, 200, 0, False)
    played = Played([answer], seen)
    assert played.gpu_seconds() == 2 * 1 + 2 * 3
    assert ideal(played) == RECORD.row_steps() / pace()
    assert followed(played, 3, running=False) == 2 and followed(played, 3, running=True) == 4
    assert PACE.slots == 5
