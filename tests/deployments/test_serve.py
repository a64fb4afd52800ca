"""What Ray Serve itself has to do for us, tried on a real one with light deployments."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import ray
import yaml
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.launch.start import apply

pytestmark = pytest.mark.slow

LIMIT_S = 300


def deploy(most: int, args: dict[str, Any]) -> None:
    """Deploy the light application, with at most so many painters."""
    bounds = {"min_replicas": 1, "max_replicas": most, "target_ongoing_requests": 100}
    app = {
        "name": "light",
        "import_path": "tests.deployments.light:build",
        "args": args,
        "route_prefix": None,
        "deployments": [{"name": "Painter", "autoscaling_config": bounds}],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "light.yaml")
        path.write_text(yaml.safe_dump({"proxy_location": "Disabled", "applications": [app]}))
        apply(path)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail where it takes too long."""
    end = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def is_running() -> bool:
    """Whether the light application is up as it was deployed last."""
    found = serve.status().applications.get("light")
    return found is not None and found.status.value == "RUNNING"


@pytest.fixture(scope="module")
def edge() -> Iterator[DeploymentHandle]:
    """The light application's edge, on a Ray of two cores."""
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    try:
        deploy(1, {})
        until(is_running)
        yield serve.get_app_handle("light")
    finally:
        serve.shutdown()
        ray.shutdown()


def processes(edge: DeploymentHandle) -> list[int]:
    """The edge's process, the painter's, and how many listen to it."""
    return list(edge.processes.remote().result(timeout_s=LIMIT_S))


def test_other_bounds_restart_nothing_and_other_arguments_restart_all(edge: DeploymentHandle) -> None:
    before = processes(edge)
    deploy(3, {})
    until(is_running)
    assert processes(edge) == before
    deploy(3, {"changed": True})
    until(lambda: not set(before[:2]) & set(processes(edge)[:2]))


def test_whoever_leaves_a_stream_ends_it_on_the_replica(edge: DeploymentHandle) -> None:
    edge.leave.remote().result(timeout_s=LIMIT_S)
    until(lambda: processes(edge)[2] == 0)


def test_a_stream_whose_replica_dies_begins_again_on_the_next(edge: DeploymentHandle) -> None:
    first, second = edge.survive.remote().result(timeout_s=LIMIT_S)
    assert first != second
