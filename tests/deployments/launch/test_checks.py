from __future__ import annotations

import socket
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from deployments.config import AppArgs, ImagesArgs
from deployments.launch import checks as machine

HOST = "127.0.0.1"


def args_in(folder: Path) -> AppArgs:
    """A profile whose files all exist below `folder`."""
    (folder / "model_index.json").touch()
    (folder / "pose.task").touch()
    return AppArgs.read(
        {"diffusion": {"checkpoint": str(folder)}, "analysis": {"pose_bundle": str(folder / "pose.task")}}
    )


@pytest.fixture(autouse=True)
def calm_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Ray, and much memory, whatever runs beside the tests."""
    monkeypatch.setattr(psutil, "process_iter", lambda names: iter(()))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=64 * 2**30))


def test_a_fit_machine_has_no_faults(tmp_path: Path) -> None:
    assert list(machine.faults(args_in(tmp_path), HOST, 0)) == []


def test_a_key_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    images = ImagesArgs(model="m", base_url="http://127.0.0.1:1/v1", api_key_env="SOME_KEY")
    args = args_in(tmp_path).model_copy(update={"images": images})
    (line,) = machine.faults(args, HOST, 0)
    assert "SOME_KEY is not set" in line and "images.api_key_env" in line


def test_a_leftover_ray_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = SimpleNamespace(info={"name": "raylet"}, pid=123)
    monkeypatch.setattr(psutil, "process_iter", lambda names: iter([left]))
    (line,) = machine.faults(args_in(tmp_path), HOST, 0)
    assert "process 123" in line and "ray stop" in line


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind((HOST, 0))
        busy.listen()
        port = busy.getsockname()[1]
        (line,) = machine.faults(args_in(tmp_path), HOST, port)
    assert f"port {port}" in line and "http_options.port" in line


@pytest.mark.parametrize("name", ["model_index.json", "pose.task"])
def test_a_missing_file_is_named_with_its_command(tmp_path: Path, name: str) -> None:
    args = args_in(tmp_path)
    (tmp_path / name).unlink()
    (line,) = machine.faults(args, HOST, 0)
    assert str(tmp_path / name) in line


def test_too_little_memory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=2**30))
    (line,) = machine.faults(args_in(tmp_path), HOST, 0)
    assert line.startswith(f"{machine.needed_gib(args_in(tmp_path)):.1f} GiB") and "1.0 GiB is free" in line


def test_an_address_that_others_reach_needs_keys_or_to_be_told(tmp_path: Path) -> None:
    args = args_in(tmp_path)
    for host in ("0.0.0.0", "::", "10.0.0.1"):
        found = [line for line in machine.faults(args, host, 0) if "API keys" in line]
        assert len(found) == 1 and host in found[0] and "allow_anonymous" in found[0]
    ingress = args.ingress.model_copy(update={"allow_anonymous": True})
    assert list(machine.faults(args.model_copy(update={"ingress": ingress}), "0.0.0.0", 0)) == []


def test_keys_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    args = args_in(tmp_path)
    ingress = args.ingress.model_copy(update={"keys_file": str(tmp_path / "none.yaml")})
    (line,) = machine.faults(args.model_copy(update={"ingress": ingress}), "0.0.0.0", 0)
    assert "none.yaml cannot be read" in line
