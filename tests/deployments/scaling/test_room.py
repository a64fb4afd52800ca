from __future__ import annotations

import math

from deployments.scaling.room import Cluster, Nodes, fits, room

CARD = {"GPU": 1.0, "CPU": 2.0}


def test_as_many_fit_as_the_scarcest_resource_holds() -> None:
    assert fits(CARD, {"GPU": 4.0, "CPU": 5.0}) == 2
    assert fits(CARD, {"CPU": 64.0}) == 0
    assert fits({"GPU": 0.1}, {"GPU": 0.3}) == 3
    assert fits({"GPU": 0.0}, {}) == math.inf


def test_replicas_do_not_span_nodes() -> None:
    assert room({"GPU": 2.0}, 0, Nodes([{"GPU": 3.0}, {"GPU": 3.0}], {"GPU": 6.0})) == 2


def test_no_more_are_wanted_than_those_that_are_there_and_those_that_fit_beside_them() -> None:
    nodes = Nodes([{"GPU": 8.0, "CPU": 64.0}], {"GPU": 1.0, "CPU": 64.0})  # others hold the rest
    assert room(CARD, 3, nodes) == 4
    assert room(CARD, 9, nodes) == 8


def test_the_cluster_is_asked_now_and_then() -> None:
    asked, now = [], [0.0]

    def ask() -> Nodes:
        asked.append(now[0])
        return Nodes()

    cluster = Cluster(ask, lambda: now[0])
    for now[0] in (0.0, 1.0, 1.9, 2.5):
        cluster()
    assert asked == [0.0, 2.5]
