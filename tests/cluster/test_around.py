"""What stands beside the manifests: Kubernetes' own definitions, and that labels and names meet."""

from __future__ import annotations

import re
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
        assert is_own or ports <= {8000, 8080, 8265}
        assert is_own or ports


def test_what_watches_and_what_scales_gets_through() -> None:
    policy = KINDS["NetworkPolicy/record"]["spec"]
    assert 8080 in {port["port"] for rule in policy["ingress"] for port in rule.get("ports", ())}
    assert {443, 6443} <= {port["port"] for rule in policy["egress"] for port in rule.get("ports", ())}


def test_no_budget_names_a_share_of_pods_that_only_the_operator_scales() -> None:
    budgets = [one["spec"] for one in AROUND if one["kind"] == "PodDisruptionBudget"]
    assert budgets and all("maxUnavailable" not in one for one in budgets)
    assert all(isinstance(one["minAvailable"], int) for one in budgets)
    least = yaml.safe_load(manifests.rendered("sd14"))["spec"]["rayClusterConfig"]["workerGroupSpecs"]
    for one in budgets:
        part = one["selector"]["matchLabels"]["part"]
        (group,) = [g for g in least if g["template"]["metadata"]["labels"]["part"] == part]
        assert one["minAvailable"] < group["minReplicas"], "a node with the last pod could never be drained"


def test_the_volumes_are_written_by_the_images_user() -> None:
    user = re.search(r"useradd --uid (\d+)", (manifests.CLUSTER / "Dockerfile").read_text())
    assert user is not None
    specs = [KINDS["Job/record-models"]["spec"]["template"]["spec"]]
    for name in manifests.names():
        cluster = yaml.safe_load(manifests.rendered(name))["spec"]["rayClusterConfig"]
        specs += [group["template"]["spec"] for group in cluster["workerGroupSpecs"]]
    for spec in specs:
        if any("persistentVolumeClaim" in volume for volume in spec["volumes"]):
            assert spec["securityContext"]["fsGroup"] == int(user[1])


def test_the_claim_is_the_one_that_pods_mount_and_the_job_fills_it_with_what_is_served() -> None:
    mounted, served = set(), set()
    for name in manifests.names():
        manifest = yaml.safe_load(manifests.rendered(name))
        for group in manifest["spec"]["rayClusterConfig"]["workerGroupSpecs"]:
            for volume in group["template"]["spec"]["volumes"]:
                mounted |= {volume.get("persistentVolumeClaim", {}).get("claimName")} - {None}
        (app,) = yaml.safe_load(manifest["spec"]["serveConfigV2"])["applications"]
        served.add(app["args"]["diffusion"]["checkpoint"])
        if app["args"]["vlm"]["kind"] == "vllm":
            served.add(app["args"]["vlm"]["model"])
    (container,) = KINDS["Job/record-models"]["spec"]["template"]["spec"]["containers"]
    models = next(one["value"] for one in container["env"] if one["name"] == "MODELS")
    assert mounted == {KINDS["PersistentVolumeClaim/record-models"]["metadata"]["name"]}
    assert set(models.split()) == served
