from __future__ import annotations

from collections.abc import Iterator

import pytest
import ray

from deployments.config import VlmArgs


@pytest.fixture
def ray_ends() -> Iterator[None]:
    """Building an LLM deployment starts a Ray of its own: leave none behind."""
    yield
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.usefixtures("ray_ends")
def test_vllm_reserves_little_and_is_bounded() -> None:
    from deployments.replicas.vlm import build_vlm

    args = VlmArgs(model="miniature/weights/vlm", on_cpu=True, num_cpus=0.2)
    options = args.options(60)
    vlm = build_vlm(args, options)._bound_deployment
    assert vlm.name == "VLM"
    assert vlm.max_ongoing_requests == options["max_ongoing_requests"]
    assert vlm.max_queued_requests == options["max_queued_requests"]
    for name in ("max_surge_percent", "graceful_shutdown_timeout_s", "health_check_timeout_s"):
        assert getattr(vlm._deployment_config, name) == options[name]
    assert vlm._deployment_config.autoscaling_config.max_replicas == 1
    (bundle,) = vlm._replica_config.placement_group_bundles
    assert bundle["CPU"] == 0.2
