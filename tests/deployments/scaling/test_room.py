from __future__ import annotations

import math

import pytest
from ray.exceptions import RayError, RpcError

from deployments.scaling.room import Cluster, Node, Nodes, fits, room

CARD = {"GPU": 1.0, "CPU": 2.0}


def idle(total: dict[str, float]) -> Node:
    """A node that is free as a whole."""
    return Node(total, total)


def test_as_many_fit_as_the_scarcest_resource_holds() -> None:
    assert fits(CARD, {"GPU": 4.0, "CPU": 5.0}) == 2
    assert fits(CARD, {"CPU": 64.0}) == 0
    assert fits({"GPU": 0.1}, {"GPU": 0.3}) == 3
    assert fits({"GPU": 0.0}, {}) == math.inf


def test_a_share_of_a_gpu_comes_from_one_card() -> None:
    assert fits({"GPU": 0.6}, {"GPU": 3.0}) == 3
    assert fits({"GPU": 0.5}, {"GPU": 3.0}) == 6
    assert fits({"GPU": 0.5}, {"GPU": 1.5}) == 3
    assert fits({"CPU": 0.6}, {"CPU": 3.0}) == 5  # CPUs are no cards


def test_replicas_do_not_span_nodes() -> None:
    assert room({"GPU": 2.0}, 0, [idle({"GPU": 3.0}), idle({"GPU": 3.0})]) == 2


def test_what_is_left_of_several_nodes_is_no_place() -> None:
    left = Node({"GPU": 1.0, "CPU": 8.0}, {"GPU": 0.5, "CPU": 8.0})
    assert room({"GPU": 1.0}, 1, [left, left]) == 1
    assert room({"GPU": 0.5}, 1, [left, left]) == 3
    cores = Node({"GPU": 4.0, "CPU": 8.0}, {"GPU": 0.0, "CPU": 8.0})
    cards = Node({"GPU": 4.0, "CPU": 8.0}, {"GPU": 4.0, "CPU": 1.0})
    assert room(CARD, 2, [cores, cards]) == 2  # free cards on one node, free cores on another


def test_no_more_are_wanted_than_those_that_are_there_and_those_that_fit_beside_them() -> None:
    nodes = [Node({"GPU": 8.0, "CPU": 64.0}, {"GPU": 1.0, "CPU": 64.0})]  # others hold the rest
    assert room(CARD, 3, nodes) == 4
    assert room(CARD, 9, nodes) == 8


def test_the_cluster_is_asked_now_and_then() -> None:
    asked, now = [], [0.0]

    def ask() -> Nodes:
        asked.append(now[0])
        return []

    cluster = Cluster(ask, lambda: now[0])
    for now[0] in (0.0, 1.0, 1.9, 2.5):
        cluster()
    assert asked == [0.0, 2.5]


def test_where_ray_does_not_say_what_nodes_have_its_last_word_stands() -> None:
    answers: list[Nodes | RayError] = [[idle(CARD)], RpcError("away"), []]
    now = [0.0]

    def ask() -> Nodes:
        answer = answers.pop(0)
        if isinstance(answer, RayError):
            raise answer
        return answer

    cluster = Cluster(ask, lambda: now[0])
    heard = []
    for now[0] in (0.0, 3.0, 6.0):
        heard.append(cluster())
    assert heard == [[idle(CARD)], [idle(CARD)], []]


def test_a_cluster_that_never_said_what_it_has_is_an_error() -> None:
    def ask() -> Nodes:
        raise RpcError("away")

    with pytest.raises(RayError, match="away"):
        Cluster(ask)()
