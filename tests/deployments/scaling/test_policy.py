"""The policy over contexts as Ray Serve's controller makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from ray.serve.config import AutoscalingConfig, AutoscalingContext

from deployments.scaling.policy import ByWork, latest
from deployments.scaling.room import Cluster, Node
from deployments.scaling.told import painter_told, work_told

NOTHING_DUE = (0,) * 6
ROOMY = Cluster(lambda: [Node({"GPU": 100.0}, {"GPU": 100.0})])


@dataclass
class Replicas:
    """A deployment's replicas and what each of them recorded, at seconds."""

    name: str
    target: int = 1
    told: list[tuple[float, dict[str, float]]] = field(default_factory=list)
    bounds: tuple[int, int] = (1, 8)
    ongoing: float = 0.0

    def context(self) -> AutoscalingContext:
        """As the controller tells of them."""
        raw: dict[str, dict[Any, Any]] = {}
        for number, (at, told) in enumerate(self.told):
            for name, value in told.items():
                points = (at - 1, -1.0), (at, value)
                raw.setdefault(name, {})[number] = [point(*one) for one in points]
        return AutoscalingContext(
            deployment_id=cast(Any, self.name), deployment_name=self.name, app_name="record",
            current_num_replicas=len(self.told), target_num_replicas=self.target, running_replicas=[],
            total_num_requests=self.ongoing, total_queued_requests=0.0, aggregated_metrics=None,
            raw_metrics=cast(Any, raw), capacity_adjusted_min_replicas=self.bounds[0],
            capacity_adjusted_max_replicas=self.bounds[1], policy_state={}, last_scale_up_time=None,
            last_scale_down_time=None, current_time=0.0,
            config=AutoscalingConfig(min_replicas=1, max_replicas=8, target_ongoing_requests=2),
        )  # fmt: skip


def point(at: float, value: float) -> SimpleNamespace:
    """As Ray Serve keeps what was recorded."""
    return SimpleNamespace(timestamp=at, value=value)


def edge(row_steps: float, *, drawn: float = 0.0, refused: float = 0.0, at: float = 0.0) -> Replicas:
    told = work_told(row_steps, NOTHING_DUE, drawn, refused, usual=10)
    return Replicas("Ingress", told=[(at, told)])


def painters(target: int = 1, pace: float = 0.0, reached: float = 0.0, **more: Any) -> Replicas:
    told = painter_told(0, (pace, reached), {"GPU": 1.0})
    return Replicas("Diffusion", target, [(0.0, told)] * target, **more)


def wanted(policy: ByWork, *parts: Replicas) -> dict[str, float]:
    found, _ = policy({part.name: part.context() for part in parts})
    return found


def test_painters_follow_the_work_at_the_pace_that_they_measured() -> None:
    policy = ByWork(cluster=ROOMY, clock=lambda: 0.0, drain_s=10)
    assert wanted(policy, edge(300), painters())["Diffusion"] == 3
    assert wanted(policy, edge(300), painters(pace=5))["Diffusion"] == 6
    assert wanted(policy, edge(300), Replicas("Diffusion", 0, bounds=(0, 8)))["Diffusion"] == 6


def test_until_a_painter_was_full_the_usual_pace_counts_or_what_was_reached() -> None:
    policy = ByWork(cluster=ROOMY, clock=lambda: 0.0, drain_s=10)
    assert wanted(policy, edge(600), painters(reached=20))["Diffusion"] == 3
    assert wanted(policy, edge(600), painters(reached=2))["Diffusion"] == 6


def test_what_is_drawn_already_is_no_work_and_what_was_refused_is() -> None:
    policy = ByWork(cluster=ROOMY, clock=lambda: 0.0, drain_s=10)
    assert wanted(policy, edge(300, drawn=200), painters())["Diffusion"] == 1
    assert wanted(policy, edge(300, refused=200), painters())["Diffusion"] == 5


def test_of_all_edges_the_store_is_taken_once_and_their_own_is_summed() -> None:
    both = edge(100, refused=50, at=1)
    both.told += edge(900, refused=50, at=0).told
    policy = ByWork(cluster=ROOMY, clock=lambda: 0.0, drain_s=10)
    assert wanted(policy, both, painters())["Diffusion"] == 2


@pytest.mark.parametrize(("free", "found"), [(0.0, 2), (0.5, 2), (1.0, 3), (50.0, 5)])
def test_never_more_than_there_are_cards(free: float, found: int) -> None:
    cluster = Cluster(lambda: [Node({"GPU": 3.0}, {"GPU": free}), Node({"GPU": 2.5}, {"GPU": 0.5})])
    policy = ByWork(cluster=cluster, clock=lambda: 0.0)
    assert wanted(policy, edge(1e6), painters(2))["Diffusion"] == found


def test_until_the_first_painter_has_told_what_it_needs_there_is_one() -> None:
    policy = ByWork(cluster=ROOMY, clock=lambda: 0.0)
    starts = Replicas("Diffusion", 1, [(0.0, {})])
    assert wanted(policy, edge(1e6), Replicas("Diffusion", 0, bounds=(0, 8)))["Diffusion"] == 1
    assert wanted(policy, edge(1e6), starts)["Diffusion"] == 1
    assert wanted(policy, edge(1e6), painters())["Diffusion"] == 8


def test_where_the_cluster_grows_the_bound_is_the_profiles() -> None:
    cluster = Cluster(lambda: [Node({"GPU": 1.0}, {"GPU": 0.0})])
    assert wanted(ByWork(grows=True, cluster=cluster), edge(1e6), painters())["Diffusion"] == 8


def test_while_the_edge_starts_all_stays_as_it_is() -> None:
    policy = ByWork(cluster=ROOMY)
    assert wanted(policy, Replicas("Ingress"), painters(3))["Diffusion"] == 3
    assert wanted(policy, painters(3))["Diffusion"] == 0  # as Serve scales: nobody calls


def test_other_deployments_are_scaled_as_serve_does() -> None:
    vlm = Replicas("VLM", 1, [(0.0, {})], ongoing=6)
    vlm.told = [(0.0, {"running": 6.0})]
    assert wanted(ByWork(cluster=ROOMY), edge(0), painters(), vlm)["VLM"] == 3


def test_the_newest_record_comes_first() -> None:
    told = Replicas("Ingress", told=[(1.0, {"a": 1.0}), (3.0, {"a": 3.0}), (2.0, {"a": 2.0})])
    assert [one["a"] for one in latest(told.context())] == [3.0, 2.0, 1.0]


def test_an_unknown_aim_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="unknown key 'drains_s'.*'drain_s'"):
        ByWork(drains_s=3)
