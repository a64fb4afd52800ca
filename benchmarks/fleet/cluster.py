"""A local Ray cluster of several nodes with GPUs that are not there, and the application in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmarks.fleet.load import PACE
from benchmarks.fleet.painter import checkpoint_of
from benchmarks.service.own import free_port
from deployments.launch.start import apply, prepare
from record.types import Json

POLL_S, START_LIMIT_S = 0.2, 300.0
HEAD_CPUS, NODE_CPUS = 4, 2
STORE_MIB = 80
"""Of each node's object store: pictures are small here."""
WAITING = 3
"""Pictures that a painter holds beside those that share its step; more wait for whichever is free first."""
APP = "record"


@dataclass(frozen=True)
class Scaling:
    """How painters are scaled: bounds, Serve's own fields, and the application's policy, if any."""

    fewest: int = 1
    most: int = 8
    fields: Mapping[str, float] = field(default_factory=dict)
    policy: Json | None = None

    def config(self) -> Json:
        """`autoscaling_config` of the painters."""
        return {"min_replicas": self.fewest, "max_replicas": self.most, **self.fields}


class Fleet:
    """The head, the nodes with GPUs, and what is served."""

    def __init__(self, folder: Path, gpus_a_node: int) -> None:
        """Start the head; nodes come with `add`."""
        from ray.cluster_utils import Cluster

        prepare()
        self._folder, self._gpus = folder, gpus_a_node
        self._port, self._deployed = free_port(), 0
        self._cluster: Any = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": HEAD_CPUS, **_small(), "include_dashboard": False},
        )
        self.nodes: list[Any] = []
        os.environ["RAY_ADDRESS"] = self._cluster.address

    @property
    def address(self) -> str:
        """Where the application answers."""
        return f"http://127.0.0.1:{self._port}"

    def connect(self) -> None:
        """Make this process the cluster's driver."""
        import ray

        ray.init(log_to_driver=False, logging_level="ERROR")

    def add(self, count: int = 1) -> None:
        """Start more nodes."""
        for _ in range(count):
            self.nodes.append(self._cluster.add_node(num_cpus=NODE_CPUS, num_gpus=self._gpus, **_small()))

    def kill(self) -> None:
        """Kill the last node at once, with everything that runs there."""
        self._cluster.remove_node(self.nodes.pop(), allow_graceful=False)

    def deploy(self, scaling: Scaling) -> None:
        """Serve with an empty store, from now on; returns when all that is wanted at first runs."""
        from ray import serve

        self._deployed += 1
        path = self._folder / f"{self._deployed}.yaml"
        path.write_text(yaml.safe_dump(self._profile(scaling)), encoding="utf-8")
        if self._deployed > 1:
            serve.delete(APP)
        apply(path)
        until = time.monotonic() + START_LIMIT_S
        while (found := serve.status().applications.get(APP)) is None or found.status.value != "RUNNING":
            if time.monotonic() > until:
                raise TimeoutError(f"the application is not up after {START_LIMIT_S:g} s: {found}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Stop everything."""
        import ray
        from ray import serve

        if ray.is_initialized():
            serve.shutdown()
            ray.shutdown()
        self._cluster.shutdown()
        os.environ.pop("RAY_ADDRESS", None)

    def _profile(self, scaling: Scaling) -> Json:
        said = {"metrics_interval_s": 1.0, "look_back_period_s": 5.0}
        one = {"min_replicas": 1, "max_replicas": 1, "target_ongoing_requests": 1000}
        many = {"max_ongoing_requests": 1000, "max_queued_requests": 1000}
        few = {**many, "max_ongoing_requests": PACE.slots + WAITING}
        deployments = [
            {"name": "Diffusion", "autoscaling_config": {**said, **scaling.config()}, **few},
            {"name": "VLM", "autoscaling_config": one, **many},
            {"name": "Analysis", "autoscaling_config": one, **many},
            {"name": "Ingress", "autoscaling_config": {**said, **one}, **many},
        ]
        app = {
            "name": APP,
            "route_prefix": "/",
            "import_path": "benchmarks.fleet.standin:build",
            "deployments": deployments,
            "args": self._args(),
            **({"autoscaling_policy": scaling.policy} if scaling.policy else {}),
        }
        http = {"host": "127.0.0.1", "port": self._port, "request_timeout_s": 310}
        return {
            "proxy_location": "HeadOnly",
            "http_options": http,
            "logging_config": {"log_level": "WARNING", "enable_access_log": False},
            "applications": [app],
        }

    def _args(self) -> Json:
        store = self._folder / f"store-{self._deployed}"
        return {
            "diffusion": {
                "checkpoint": checkpoint_of(PACE),
                "max_trajectories": PACE.slots,
                "num_cpus": 0.1,
                "num_gpus": 1,
            },
            "vlm": {"kind": "openai", "model": "stand-in", "base_url": "http://127.0.0.1:9/v1"},
            "ingress": {
                "store_url": f"sqlite:///{store}.sqlite3",
                "artefacts": str(store),
                "max_playing": 96,
                "max_open": 500,
                "row_steps_per_s": 17.0,
            },
        }


@contextmanager
def fleet(folder: Path, *, nodes: int, gpus_a_node: int = 2) -> Iterator[Fleet]:
    """A cluster with so many nodes beside its head, stopped afterwards."""
    made = Fleet(folder, gpus_a_node)
    try:
        made.add(nodes)
        made.connect()
        yield made
    finally:
        made.stop()


def _small() -> Json:
    return {"object_store_memory": STORE_MIB * 2**20}
