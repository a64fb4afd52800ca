from __future__ import annotations

from typing import Any

import pytest

from deployments.app import build, dialect_of
from deployments.config import ConfigError, VlmArgs

ARGS: dict[str, Any] = {"diffusion": {"checkpoint": "some/model", "num_cpus": 1.5}}


def deployments(args: dict[str, Any]) -> dict[str, Any]:
    """Every deployment of the application by name."""
    found: dict[str, Any] = {}

    def visit(node: Any) -> None:
        found[node._bound_deployment.name] = node._bound_deployment
        for child in node._bound_deployment.init_args:
            if hasattr(child, "_bound_deployment"):
                visit(child)

    visit(build(args))
    return found


def test_a_language_model_is_optional() -> None:
    assert deployments(ARGS).keys() == {"Ingress", "Diffusion", "Analysis"}


def test_an_api_can_play_the_language_model() -> None:
    vlm = {"kind": "openai", "model": "gpt-4o", "base_url": "http://127.0.0.1:1/v1"}
    assert "VLM" in deployments({**ARGS, "vlm": vlm})


def test_a_model_may_write_boxes_in_a_habit_of_its_own() -> None:
    assert dialect_of(VlmArgs(model="m")).coordinates == "thousandths"
    assert dialect_of(VlmArgs(model="Qwen/Qwen2.5-VL-3B-Instruct")).coordinates == "pixels"
    assert dialect_of(VlmArgs(model="m", coordinates="pixels")).coordinates == "pixels"


def test_an_images_api_is_bound_only_where_it_is_configured() -> None:
    images = {"model": "some-model", "base_url": "http://127.0.0.1:1/v1", "num_cpus": 0.2}
    found = deployments({**ARGS, "images": images})["Images"]
    assert found.ray_actor_options["num_cpus"] == 0.2


def test_bounds_reach_ray_serve() -> None:
    found = deployments(ARGS)["Diffusion"]
    assert found._deployment_config.autoscaling_config.max_replicas == 1
    assert found.max_queued_requests == 32 and found.ray_actor_options["num_cpus"] == 1.5


def test_a_wrong_key_stops_the_build() -> None:
    with pytest.raises(ConfigError, match="unknown key"):
        build({**ARGS, "diffusions": {}})
