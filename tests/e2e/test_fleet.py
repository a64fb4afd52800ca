"""The fleet in small: painters that sleep, in a local cluster of two nodes whose three GPUs are not there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks.fleet.cluster import Fleet, Scaling, fleet
from benchmarks.fleet.load import PLAIN, RECORD, Arrival, patient
from benchmarks.fleet.play import play
from deployments.scaling.room import ask_ray

pytestmark = pytest.mark.slow

GPUS = 3
AIM = {"drain_s": 5.0, "starts_s": 1.0, "quiet_s": 2.0, "idle_s": 4.0}
POLICY = {"policy_function": "deployments.scaling.policy:ByWork", "policy_kwargs": AIM}
TO_ZERO = Scaling(0, 8, {"upscale_delay_s": 0.0, "downscale_delay_s": 0.0}, POLICY)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("fleet"), nodes=1, gpus_a_node=GPUS) as made:
        made.deploy(TO_ZERO)
        yield made


def test_from_no_painter_to_every_gpu_and_back_without_a_lost_request(cluster: Fleet) -> None:
    load = patient([Arrival(0.0, PLAIN), *(Arrival(0.5, RECORD) for _ in range(3))])
    load = [replace(one, at=one.at + 1) for one in load]
    played = asyncio.run(play(cluster.address, load, rest_s=14.0))
    assert [one.status for one in played.answers] == [200] * len(load)
    assert played.seen[0].running == 0
    assert max(one.wanted for one in played.seen) == GPUS  # the work is worth more, the cluster is not
    assert played.seen[-1].wanted == 0


@pytest.mark.usefixtures("cluster")
def test_what_ray_tells_of_each_node_is_told_apart() -> None:
    nodes = ask_ray()
    assert sorted(node.total.get("GPU", 0.0) for node in nodes) == [0.0, GPUS]
    assert all(node.free.get("GPU", 0.0) <= node.total.get("GPU", 0.0) for node in nodes)
    assert sum(node.free["CPU"] for node in nodes) < sum(node.total["CPU"] for node in nodes)
