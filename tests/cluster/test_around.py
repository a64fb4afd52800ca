"""What stands beside the manifests: Kubernetes' own definitions, and that labels and names meet."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import kubernetes_validate
import pytest
import yaml

from fleet import manifests

Json = Any
KUBERNETES = "1.33"
AROUND = list(yaml.safe_load_all((manifests.CLUSTER / "around.yaml").read_text()))
KINDS = {f"{one['kind']}/{one['metadata']['name']}": one for one in AROUND}


def pod_labels() -> list[dict[str, str]]:
    found = []
    for name in manifests.names():
        cluster = yaml.safe_load(manifests.rendered(name))["spec"]["rayClusterConfig"]
        groups = (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])
        found += [group["template"]["metadata"]["labels"] for group in groups]
    return found


@pytest.mark.parametrize("one", AROUND, ids=KINDS)
def test_fits_kubernetes_own_definition(one: Json) -> None:
    kubernetes_validate.validate(one, KUBERNETES, strict=True)


PLANTED: dict[str, tuple[str, Callable[[Json], Any]]] = {
    "a policy's misspelt selector": (
        "NetworkPolicy/record",
        lambda one: one["spec"]["ingress"][0]["from"].append({"podSelektor": {}}),
    ),
    "a port that is a list": (
        "NetworkPolicy/record",
        lambda one: one["spec"]["ingress"][1]["ports"].append({"port": [1]}),
    ),
    "a budget's misspelt bound": (
        "PodDisruptionBudget/record-edge",
        lambda one: one["spec"].update(minAvailabel=1),
    ),
    "a job without a template": ("Job/record-models", lambda one: one["spec"].pop("template")),
    "a claim's access mode that is no list": (
        "PersistentVolumeClaim/record-models",
        lambda one: one["spec"].update(accessModes="ReadWriteMany"),
    ),
}


@pytest.mark.parametrize(("name", "plant"), PLANTED.values(), ids=PLANTED)
def test_planted_errors_are_caught(name: str, plant: Callable[[Json], Any]) -> None:
    one = deepcopy(KINDS[name])
    plant(one)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(one, KUBERNETES, strict=True)


def test_every_selector_finds_pods_and_every_pod_is_behind_the_policy() -> None:
    labels = pod_labels()
    for one in AROUND:
        selector = one["spec"].get("podSelector") or one["spec"].get("selector")
        if selector:
            wanted = selector["matchLabels"]
            assert any(wanted.items() <= have.items() for have in labels), wanted
    policy = KINDS["NetworkPolicy/record"]["spec"]["podSelector"]["matchLabels"]
    assert all(policy.items() <= have.items() for have in labels)


def test_the_ports_of_cluster_and_dashboard_are_open_to_no_stranger() -> None:
    for rule in KINDS["NetworkPolicy/record"]["spec"]["ingress"]:
        assert rule["from"], "a rule that names nobody lets everybody in"
        ports = {port["port"] for port in rule.get("ports", ())}
        is_own = rule["from"] == [{"podSelector": {"matchLabels": {"app": "record"}}}]
        assert is_own or ports <= {8000, 8265}


def test_the_claim_is_the_one_that_pods_mount_and_the_job_fills_it_with_what_is_served() -> None:
    mounted, served = set(), set()
    for name in manifests.names():
        manifest = yaml.safe_load(manifests.rendered(name))
        for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]:
            for volume in group["template"]["spec"]["volumes"]:
                mounted |= {volume.get("persistentVolumeClaim", {}).get("claimName")} - {None}
        (app,) = yaml.safe_load(manifest["spec"]["serveConfigV2"])["applications"]
        if name == "sd14":
            served = {app["args"]["diffusion"]["checkpoint"], app["args"]["vlm"]["model"]}
    (container,) = KINDS["Job/record-models"]["spec"]["template"]["spec"]["containers"]
    models = next(one["value"] for one in container["env"] if one["name"] == "MODELS")
    assert mounted == {KINDS["PersistentVolumeClaim/record-models"]["metadata"]["name"]}
    assert set(models.split()) == served
