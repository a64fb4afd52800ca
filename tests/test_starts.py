"""What starts in a fresh process: only those that draw, look or read pictures load what is heavy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ray import cloudpickle, serve

from deployments.app import dialect_of
from deployments.arguments import AppArgs
from deployments.edge.ingress import Ingress
from tests.house import ROOT

HEAVY = {"torch", "diffusers", "transformers", "mediapipe", "scipy", "skimage", "vllm"}
API = {"model": "some-model", "base_url": "http://127.0.0.1:1/v1"}
ARGS: dict[str, Any] = {
    "diffusion": {"checkpoint": "some/model"},
    "vlm": {"kind": "openai", **API},
    "images": API,
}


def loaded(code: str) -> set[str]:
    """The modules that a fresh process has loaded after running `code`."""
    told = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "module",
    [
        "batch.folder",
        "batch.served",
        "deployments.app",
        "deployments.edge.ingress",
        "deployments.edge.service",
        "deployments.launch.start",
        "record_cli.app",
        "record_cli.remote",
        "record_client",
        "runs",
    ],
)
def test_the_edge_and_every_start_are_light(module: str) -> None:
    assert loaded(f"import {module}") & HEAVY == set()


def test_the_command_line_starts_without_a_batchs_libraries() -> None:
    """A batch writes parquet and may join a cluster; no other command does."""
    assert loaded("import record_cli.app") & {"pyarrow", "pandas", "ray"} == set()


def test_the_application_is_built_without_its_models() -> None:
    assert loaded(f"from deployments.app import build\nbuild({ARGS!r})") & HEAVY == set()


def test_an_edge_replica_loads_neither_models_nor_its_siblings(tmp_path: Path) -> None:
    """Ray Serve sends a replica its class and arguments pickled; here a fresh process reads them."""
    args = AppArgs.read(ARGS)
    assert args.vlm is not None
    sent = {
        "class": serve.deployment(Ingress).func_or_class,
        "arguments": (args.ingress, dialect_of(args.vlm), args.settings),
    }
    for name, content in sent.items():
        (tmp_path / name).write_bytes(cloudpickle.dumps(content))
    read = "\n".join(f"cloudpickle.loads(open({str(tmp_path / name)!r}, 'rb').read())" for name in sent)
    found = loaded(f"from ray import cloudpickle\n{read}")
    assert "deployments.edge.ingress" in found
    assert found & HEAVY == set()
    siblings = ("deployments.app", "deployments.replicas", "deployments.launch")
    assert {name for name in found if name.startswith(siblings)} == set()
