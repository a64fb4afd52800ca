"""What replicas of any deployment reserve, and what Ray Serve is told of all deployments alike."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SCALING: dict[str, Any] = {
    "autoscaling_config": {
        "min_replicas": 1,
        "max_replicas": 1,
        "target_ongoing_requests": 2.0,
        "upscale_delay_s": 10.0,
        "downscale_delay_s": 300.0,
    },
    "max_ongoing_requests": 8,
    "max_queued_requests": 32,
    "max_surge_percent": 100,
}
"""Bounds of a deployment that the Serve configuration does not list under `deployments:`.

They stand there and not among our arguments, which are part of every deployment's version: a change of
these restarts no replica.
"""
DRAIN_S = 30.0
"""Time a replica has to end after its last request was due."""


class Reserved(BaseModel):
    """What a replica of any deployment reserves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    num_cpus: float = Field(0.1, ge=0, description="CPUs Ray reserves for a replica: what it really uses")
    num_gpus: float = Field(0.0, ge=0, description="GPUs Ray reserves for a replica")
    resources: dict[str, float] = Field(
        default_factory=dict,
        description="a cluster's own resources that a replica takes: kinds of nodes are told apart by them",
    )
    threads: int = Field(2, ge=1, description="threads for the mathematics inside a replica")

    def options(self, longest_s: float) -> dict[str, Any]:
        """What Ray Serve is told of a deployment whose longest request takes `longest_s` seconds.

        Health: three checks that fail, or do not answer in time, replace a replica within 30 s.
        """
        environment = {"OMP_NUM_THREADS": str(self.threads), "TOKENIZERS_PARALLELISM": "false"}
        return {
            **SCALING,
            "backpressure_config": {"status_code": 429, "retry_after_s": 2},
            "graceful_shutdown_timeout_s": longest_s + DRAIN_S,
            "health_check_period_s": 3,
            "health_check_timeout_s": 8,
            "ray_actor_options": {
                "num_cpus": self.num_cpus,
                "num_gpus": self.num_gpus,
                "resources": dict(self.resources),
                "runtime_env": {"env_vars": environment},
            },
        }
