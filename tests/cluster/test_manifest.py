"""The Kubernetes manifests, checked without a cluster: schemas, our arguments, and the profiles."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from jsonschema import Draft202012Validator

from deployments.arguments import AppArgs
from deployments.config import ConfigError
from deployments.launch.profile import read_profile
from fleet import manifests

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = sorted((ROOT / "cluster").glob("rayservice-*.yaml"))
Json = Any
KUBERNETES = "1.33"
LONGEST_NAME = 47  # KubeRay adds suffixes, and a service's name ends at 63


def strict(schema: Json) -> Json:
    """A copy of an OpenAPI schema that refuses unknown keys wherever it names the known ones."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        copy.setdefault("additionalProperties", False)
    if schema.get("x-kubernetes-int-or-string"):
        copy.pop("type", None)
    return copy


@pytest.fixture(scope="module")
def crd() -> Draft202012Validator:
    text = (ROOT / "cluster" / "schema" / "ray.io_rayservices.yaml").read_text()
    versions = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["spec"]["versions"]
    schema = strict(next(v for v in versions if v["name"] == "v1")["schema"]["openAPIV3Schema"])
    return Draft202012Validator(schema)


@pytest.fixture(params=MANIFESTS, ids=lambda path: path.stem)
def manifest(request: pytest.FixtureRequest) -> Json:
    return yaml.safe_load(request.param.read_text())


def pods(manifest: Json) -> list[Json]:
    cluster = manifest["spec"]["rayClusterConfig"]
    return [group["template"]["spec"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]


@pytest.fixture
def profile(manifest: Json) -> str:
    """The name of the profile that a manifest embeds."""
    return str(manifest["metadata"]["name"]).removeprefix("record-")


def test_there_is_a_manifest_for_every_profile() -> None:
    assert MANIFESTS == [manifests.place_of(name) for name in manifests.names()]


@pytest.mark.parametrize("name", manifests.names())
def test_a_manifest_is_what_its_profile_makes_of_the_template(name: str) -> None:
    is_made = manifests.place_of(name).read_text() == manifests.rendered(name)
    assert is_made, "run python -m fleet.manifests"


def test_a_manifest_embeds_its_profile(manifest: Json, profile: str) -> None:
    given = yaml.safe_load((ROOT / "profiles" / f"{profile}.yaml").read_text())
    assert yaml.safe_load(manifest["spec"]["serveConfigV2"]) == given


def test_fits_the_resource_definition(manifest: Json, crd: Draft202012Validator) -> None:
    faults = [f"{error.json_path}: {error.message[:200]}" for error in crd.iter_errors(manifest)]
    assert faults == []


def test_the_definition_is_strict(manifest: Json, crd: Draft202012Validator) -> None:
    manifest["spec"]["rayClusterConfig"]["rayVersoin"] = "2.60.0"
    manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"][0]["template"]["spec"]["containers"][0][
        "imge"
    ] = ""
    assert {error.json_path for error in crd.iter_errors(manifest)} == {
        "$.spec.rayClusterConfig",
        "$.spec.rayClusterConfig.workerGroupSpecs[0].template.spec.containers[0]",
    }


def test_pods_fit_kubernetes_own_definition(manifest: Json) -> None:
    for spec in pods(manifest):
        kubernetes_validate.validate(pod(spec), KUBERNETES, strict=True)


PLANTED: dict[str, Callable[[Json], Any]] = {
    "a key that is none": lambda spec: spec.update(tolerationz=[]),
    "a number as memory's limit of a list": lambda spec: spec["containers"][0].update(resources=[]),
    "a port that is text": lambda spec: spec["containers"][0].update(ports=[{"containerPort": "http"}]),
    "a volume of no name": lambda spec: spec.update(volumes=[{"emptyDir": {}}]),
    "an environment of no name": lambda spec: spec["containers"][0].update(env=[{"value": "1"}]),
    "no container": lambda spec: spec.pop("containers"),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_kubernetes_definition_catches_planted_errors(manifest: Json, plant: Callable[[Json], Any]) -> None:
    spec = deepcopy(pods(manifest)[0])
    plant(spec)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(pod(spec), KUBERNETES, strict=True)


def pod(spec: Json) -> Json:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": spec}


def test_the_upgrade_patch_fits_the_resource_definition(manifest: Json, crd: Draft202012Validator) -> None:
    patch = yaml.safe_load((ROOT / "cluster" / "patch-upgrade.yaml").read_text())
    manifest["spec"] |= patch["spec"]
    assert list(crd.iter_errors(manifest)) == []
    del manifest["spec"]["upgradeStrategy"]["clusterUpgradeOptions"]["gatewayClassName"]
    assert [error.json_path for error in crd.iter_errors(manifest)] == [
        "$.spec.upgradeStrategy.clusterUpgradeOptions"
    ]


WRONG_PROFILES = {
    "a key Serve does not have": ("max_replicas_per_node", "max_replicas_per_nod"),
    "an argument we do not have": ("max_trajectories", "max_trajectory"),
    "a value of the wrong kind": ("device: cuda", "device: [cuda]"),
    "a deployment there is not": ("name: Analysis", "name: Analysiss"),
    "bounds the wrong way round": ("min_replicas: 2, max_replicas: 4", "min_replicas: 5, max_replicas: 4"),
    "a kind of language model there is not": ("kind: ", "kind: x"),
}


@pytest.mark.parametrize("planted", WRONG_PROFILES.values(), ids=WRONG_PROFILES)
def test_the_argument_check_catches_planted_errors(
    manifest: Json, planted: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "serve.yaml").write_text(manifest["spec"]["serveConfigV2"].replace(*planted))
    with pytest.raises(ConfigError):
        read_profile(tmp_path / "serve.yaml")


def test_is_a_ray_service_with_a_short_name(manifest: Json) -> None:
    assert (manifest["apiVersion"], manifest["kind"]) == ("ray.io/v1", "RayService")
    assert len(manifest["metadata"]["name"]) <= LONGEST_NAME


def test_serve_config_fits_serves_schema(manifest: Json) -> None:
    schema = pytest.importorskip("ray.serve.schema")
    given = yaml.safe_load(manifest["spec"]["serveConfigV2"])
    known = schema.ServeDeploySchema.model_validate(given)
    assert set(given) <= set(schema.ServeDeploySchema.model_fields)
    assert [app.import_path for app in known.applications] == ["deployments.app:build"]
    for app in given["applications"]:
        assert set(app) <= set(schema.ServeApplicationSchema.model_fields)


def test_arguments_fit_our_own_model(manifest: Json) -> None:
    (app,) = yaml.safe_load(manifest["spec"]["serveConfigV2"])["applications"]
    args = AppArgs.read(app["args"])
    assert args.diffusion.device == "cuda"
    assert args.diffusion.num_gpus > 0
    assert args.vlm is not None
    assert not args.vlm.on_cpu
    assert args.ingress.has_keys
    assert args.ingress.store_url and args.ingress.store_url.startswith("postgresql+psycopg://")
    assert args.ingress.artefacts and "://" in args.ingress.artefacts


def test_ray_version_is_the_images_and_ours(manifest: Json) -> None:
    version = manifest["spec"]["rayClusterConfig"]["rayVersion"]
    images = {container["image"] for pod in pods(manifest) for container in pod["containers"]}
    assert {image.rpartition(":")[2].split("-")[0] for image in images} == {version}
    locks = [(ROOT / "requirements" / f"{kind}.lock").read_text().splitlines() for kind in ("cpu", "gpu")]
    assert all(f"ray=={version}" in lock for lock in locks)
    assert f"=={version}" in (ROOT / "pyproject.toml").read_text()


def test_nothing_is_scheduled_on_the_head(manifest: Json) -> None:
    head = manifest["spec"]["rayClusterConfig"]["headGroupSpec"]
    assert head["rayStartParams"]["num-cpus"] == "0"


def test_the_workers_hold_every_replica_at_its_least_and_at_its_most(manifest: Json, profile: str) -> None:
    checked = read_profile(ROOT / "profiles" / f"{profile}.yaml")
    groups = {group["groupName"]: group for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]}
    painter, vlm = checked.args.diffusion, checked.args.vlm
    assert vlm is not None
    for bound, count in zip(("min", "max"), checked.replicas("Diffusion"), strict=True):
        pods_there = groups["draws"][f"{bound}Replicas"]
        assert pods_there == -(-count * painter.num_gpus // 1)
        assert pods_there * float(groups["draws"]["rayStartParams"]["num-cpus"]) >= count * painter.num_cpus
    assert ("thinks" in groups) == (vlm.kind == "vllm")
    if "thinks" in groups:
        cards = int(limit(groups["thinks"], "nvidia.com/gpu"))
        assert cards == vlm.engine["tensor_parallel_size"]
        assert (groups["thinks"]["minReplicas"], groups["thinks"]["maxReplicas"]) == checked.replicas("VLM")
    for group in groups.values():
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]


@pytest.mark.parametrize("bound", ["min", "max"])
def test_the_edge_has_room_and_is_spread(manifest: Json, profile: str, bound: str) -> None:
    checked = read_profile(ROOT / "profiles" / f"{profile}.yaml")
    groups = manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    (group,) = [group for group in groups if group["groupName"] == "cpu"]
    nodes, index = group[f"{bound}Replicas"], ("min", "max").index(bound)
    used = 0.0
    for listed in checked.schema.applications[0].deployments:
        args = checked.args.parts[listed.name]
        if args.num_gpus or (listed.name == "VLM" and getattr(args, "kind", "") == "vllm"):
            continue
        count, per_node = checked.replicas(listed.name)[index], listed.max_replicas_per_node
        assert isinstance(per_node, int)
        assert count <= nodes * per_node
        assert checked.replicas(listed.name)[0] >= 2
        used += count * args.num_cpus
    assert used <= nodes * float(limit(group, "cpu"))


def test_shared_memory_holds_the_object_store_within_the_pods_memory(manifest: Json) -> None:
    for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]:
        (shared,) = [v for v in group["template"]["spec"]["volumes"] if v["name"] == "shared-memory"]
        size, memory = (
            int(text.removesuffix("Gi")) for text in (shared["emptyDir"]["sizeLimit"], limit(group, "memory"))
        )
        assert int(group["rayStartParams"].get("object-store-memory", 0)) < size * 2**30
        assert size < memory


def test_resources_that_replicas_ask_for_are_offered(manifest: Json, profile: str) -> None:
    asked: set[str] = set()
    for args in read_profile(ROOT / "profiles" / f"{profile}.yaml").args.parts.values():
        asked |= set(args.resources)
    groups = manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    offered: set[str] = set()
    for group in groups:
        offered |= set(json.loads(yaml.safe_load(group["rayStartParams"].get("resources", "'{}'"))))
    assert asked == offered


def test_what_has_no_gpu_takes_no_painters_place(manifest: Json, profile: str) -> None:
    groups = manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    offers = {
        group["groupName"]: set(json.loads(yaml.safe_load(group["rayStartParams"]["resources"])))
        for group in groups
    }
    for name, args in read_profile(ROOT / "profiles" / f"{profile}.yaml").args.parts.items():
        fitting = {group for group, offered in offers.items() if set(args.resources) <= offered}
        assert len(fitting) == 1, f"{name} has to fit one kind of node, and fits {fitting}"


def test_what_was_begun_is_ended_before_a_pod_or_a_cluster_goes(manifest: Json, profile: str) -> None:
    longest = read_profile(ROOT / "profiles" / f"{profile}.yaml").args.ingress.request_timeout_s
    assert manifest["spec"]["rayClusterDeletionDelaySeconds"] > longest
    for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]:
        assert group["template"]["spec"]["terminationGracePeriodSeconds"] > longest


def limit(group: Json, resource: str) -> Json:
    """What the group's first container may use of a resource; None if nothing is said."""
    return group["template"]["spec"]["containers"][0]["resources"]["limits"].get(resource)


def test_gpu_pods_tolerate_gpu_nodes(manifest: Json) -> None:
    for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]:
        if limit(group, "nvidia.com/gpu"):
            assert any(t["key"] == "nvidia.com/gpu" for t in group["template"]["spec"]["tolerations"])
            assert group["idleTimeoutSeconds"] > 0
