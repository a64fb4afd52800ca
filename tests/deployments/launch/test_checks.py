from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from ray.serve.schema import ServeDeploySchema

from deployments.arguments import AppArgs
from deployments.config import ImagesArgs
from deployments.launch import checks as machine
from deployments.launch.profile import Profile

HOST = "127.0.0.1"


def profile_in(folder: Path, port: int = 0, host: str = HOST, **more: Any) -> Profile:
    """A profile whose files all exist below `folder`."""
    (folder / "model_index.json").touch()
    (folder / "pose.task").touch()
    args: dict[str, Any] = {
        "diffusion": {"checkpoint": str(folder)},
        "analysis": {"pose_bundle": str(folder / "pose.task")},
    }
    args |= more
    app = {"import_path": "deployments.app:build", "args": args}
    http = {"host": host, "port": port}
    schema = ServeDeploySchema.model_validate({"http_options": http, "applications": [app]})
    return Profile(Path("profile.yaml"), schema, AppArgs.read(args))


@pytest.fixture(autouse=True)
def calm_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Ray, much memory and two cores, whatever runs beside the tests."""
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)
    monkeypatch.setattr(psutil, "process_iter", lambda names: iter(()))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=64 * 2**30))


def test_a_fit_machine_has_no_faults(tmp_path: Path) -> None:
    assert list(machine.faults(profile_in(tmp_path))) == []


def test_a_key_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    images = ImagesArgs(model="m", base_url="http://127.0.0.1:1/v1", api_key_env="SOME_KEY")
    (line,) = machine.faults(profile_in(tmp_path, images=images.model_dump()))
    assert "SOME_KEY is not set" in line and "images.api_key_env" in line


def test_an_address_of_the_other_kind_is_no_busy_port(tmp_path: Path) -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    assert list(machine.faults(profile_in(tmp_path, host="::1"))) == []
    with socket.socket(socket.AF_INET6) as taken:
        taken.bind(("::1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (line,) = machine.faults(profile_in(tmp_path, port, host="::1"))
    assert f"port {port} on ::1 is in use" in line


def test_an_address_that_is_not_this_machines_is_told_as_that(tmp_path: Path) -> None:
    lines = list(machine.faults(profile_in(tmp_path, host="192.0.2.1")))
    assert any("nothing can listen on 192.0.2.1" in line and "http_options.host" in line for line in lines)
    assert not any("is in use" in line for line in lines)


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_leftover_ray_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = SimpleNamespace(info={"name": "raylet"}, pid=123)
    monkeypatch.setattr(psutil, "process_iter", lambda names: iter([left]))
    (line,) = machine.faults(profile_in(tmp_path))
    assert "process 123" in line and "ray stop" in line


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind((HOST, 0))
        busy.listen()
        port = busy.getsockname()[1]
        (line,) = machine.faults(profile_in(tmp_path, port))
    assert f"port {port}" in line and "http_options.port" in line


@pytest.mark.parametrize("name", ["model_index.json", "pose.task"])
def test_a_missing_file_is_named_with_its_command(tmp_path: Path, name: str) -> None:
    profile = profile_in(tmp_path)
    (tmp_path / name).unlink()
    (line,) = machine.faults(profile)
    assert str(tmp_path / name) in line


def test_too_little_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2**30))
    (line,) = machine.faults(profile_in(tmp_path))
    assert (
        line.startswith(f"{machine.needed_gib(profile_in(tmp_path)):.1f} GiB") and "1.0 GiB is free" in line
    )


def test_more_cpus_reserved_than_there_are_is_named(tmp_path: Path) -> None:
    (line,) = machine.faults(profile_in(tmp_path, ingress={"num_cpus": 2}))
    assert line.startswith("the first replicas reserve 2.2 CPUs and 2 are there") and "num_cpus" in line


def test_an_address_that_others_reach_needs_keys_or_to_be_told(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "10.0.0.1"):
        found = [line for line in machine.faults(profile_in(tmp_path, host=host)) if "API keys" in line]
        assert len(found) == 1 and host in found[0] and "allow_anonymous" in found[0]
    told = profile_in(tmp_path, host="0.0.0.0", ingress={"allow_anonymous": True})
    assert not [line for line in machine.faults(told) if "API keys" in line]


def test_keys_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    told = profile_in(tmp_path, host="0.0.0.0", ingress={"keys_file": str(tmp_path / "none.yaml")})
    (line,) = [line for line in machine.faults(told) if "none.yaml" in line]
    assert "none.yaml cannot be read" in line
