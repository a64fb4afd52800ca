"""The Kubernetes manifest, checked without a cluster: schema, Serve's schema, our arguments."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from deployments.config import AppArgs
from deployments.launch.profile import read_profile

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = sorted((ROOT / "cluster").glob("rayservice-*.yaml"))
Json = Any
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


def test_there_is_a_manifest() -> None:
    assert MANIFESTS


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


def test_ray_version_is_the_images_and_ours(manifest: Json) -> None:
    version = manifest["spec"]["rayClusterConfig"]["rayVersion"]
    images = {container["image"] for pod in pods(manifest) for container in pod["containers"]}
    assert {image.rpartition(":")[2].split("-")[0] for image in images} == {version}
    assert f"ray-llm:{version}-" in (ROOT / "cluster" / "Dockerfile").read_text()
    assert f"=={version}" in (ROOT / "pyproject.toml").read_text()


def test_nothing_is_scheduled_on_the_head(manifest: Json) -> None:
    head = manifest["spec"]["rayClusterConfig"]["headGroupSpec"]
    assert head["rayStartParams"]["num-cpus"] == "0"


def test_the_workers_hold_every_replica_at_its_least_and_at_its_most(manifest: Json, tmp_path: Path) -> None:
    (tmp_path / "serve.yaml").write_text(manifest["spec"]["serveConfigV2"])
    profile = read_profile(tmp_path / "serve.yaml")
    holds_gpu = [profile.replicas(name) for name in ("Diffusion", "VLM")]
    groups = manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    gpus = {
        bound: sum(group[f"{bound}Replicas"] for group in groups if limit(group, "nvidia.com/gpu"))
        for bound in ("min", "max")
    }
    assert gpus["min"] >= sum(fewest for fewest, _ in holds_gpu)
    assert gpus["max"] >= sum(most for _, most in holds_gpu)
    for group in groups:
        assert group["minReplicas"] <= group["replicas"] <= group["maxReplicas"]
    cpus = sum(float(limit(group, "cpu")) * group["maxReplicas"] for group in groups)
    assert cpus >= sum(args.num_cpus * profile.replicas(name)[1] for name, args in profile.args.parts.items())


def limit(group: Json, resource: str) -> Json:
    """What the group's first container may use of a resource; None if nothing is said."""
    return group["template"]["spec"]["containers"][0]["resources"]["limits"].get(resource)


def test_gpu_pods_tolerate_gpu_nodes(manifest: Json) -> None:
    for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]:
        if limit(group, "nvidia.com/gpu"):
            assert any(t["key"] == "nvidia.com/gpu" for t in group["template"]["spec"]["tolerations"])
            assert group["idleTimeoutSeconds"] > 0
