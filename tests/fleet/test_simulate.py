"""The simulation against what is known of queues in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fleet.pace import Pace
from fleet.simulate import Phase, Station, simulate

REQUESTS = 40_000


def poisson(rate: float, count: int = REQUESTS, seed: int = 0) -> list[float]:
    return list(np.cumsum(np.random.default_rng(seed).exponential(1 / rate, count)))


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_server_of_a_fixed_time_waits_as_m_d_1(load: float) -> None:
    phases = [[Phase("one", 1, 1)]] * REQUESTS
    found = simulate(poisson(load), phases, {"one": Station(1, Pace(1.0, 0.0, 1))})
    assert found.mean() == pytest.approx(1 + load / (2 * (1 - load)), rel=0.05)
    assert found.busy["one"] == pytest.approx(load, rel=0.03)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (4, 0.7), (10, 0.8)])
def test_servers_of_random_times_wait_as_m_m_c(servers: int, load: float) -> None:
    work = np.random.default_rng(1).exponential(1.0, REQUESTS)
    phases = [[Phase("many", 1, float(steps))] for steps in work]
    found = simulate(poisson(load * servers), phases, {"many": Station(servers, Pace(1.0, 0.0, 1))})
    waits = erlang_c(servers, load * servers) / (servers - load * servers)
    assert found.mean() == pytest.approx(1 + waits, rel=0.06)


def erlang_c(servers: int, offered: float) -> float:
    """The share of arrivals that wait."""
    below = sum(offered**k / math.factorial(k) for k in range(servers))
    last = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return last / (below + last)


def test_a_shared_replica_is_m_g_1_processor_sharing() -> None:
    work = np.random.default_rng(2).exponential(1.0, REQUESTS)
    phases = [[Phase("shared", 1, float(steps))] for steps in work]
    found = simulate(poisson(0.6), phases, {"shared": Station(1, Pace(0.0, 1.0, 10**6))})
    assert found.mean() == pytest.approx(1 / (1 - 0.6), rel=0.06)


def test_a_request_alone_takes_the_sum_of_its_phases() -> None:
    stations = {"draw": Station(2, Pace(0.1, 0.01, 8)), "ask": Station(1, Pace(2.0, 0.0, 4))}
    phases = [Phase("draw", 5, 10, 2), Phase("ask", 1, 1), Phase("draw", 1, 10, 6)]
    found = simulate([0.0], [phases], stations)
    assert found.mean() == pytest.approx(10 * (0.1 + 0.01 * 3 * 2) + 2.0 + 10 * (0.1 + 0.06))


def test_nothing_is_lost_and_nobody_is_faster_than_alone() -> None:
    stations = {"draw": Station(3, Pace(0.01, 0.01, 2))}
    phases = [[Phase("draw", 5, 3, 2), Phase("draw", 1, 2, 4)]] * 500
    found = simulate(poisson(3.0, 500), phases, stations)
    least = 3 * (0.01 + 0.01 * 2) + 2 * (0.01 + 0.04)
    assert len(found.seconds) == 450
    assert found.seconds.min() >= least - 1e-9
