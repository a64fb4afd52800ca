"""The real application, started as users start it, on a free port with the shipped profile."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from deployments.config import ROOT

START_LIMIT_S = 1200
POLL_S = 1.0


@dataclass(frozen=True)
class Started:
    """A running service: its address, and what the launcher printed."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Start `python -m deployments.launch`, wait for its ready line, and stop it as Ctrl-C does."""
    folder = tmp_path_factory.mktemp("service")
    port = free_port()
    profile = yaml.safe_load((ROOT / "serve_config.yaml").read_text(encoding="utf-8"))
    profile["http_options"]["port"] = port
    args = profile["applications"][0]["args"]
    args["ingress"] |= {
        "store_url": f"sqlite:///{folder}/runs.sqlite3",
        "artefacts": str(folder / "artefacts"),
    }
    (folder / "profile.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    log = folder / "launcher.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deployments.launch", str(folder / "profile.yaml")],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    started = Started(f"http://127.0.0.1:{port}", log, process)
    try:
        wait_until_ready(started)
        yield started
    finally:
        stop(started)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(started: Started) -> None:
    """Return once /readyz says yes; fail with the launcher's own words if it ends or takes too long."""
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            started.process.wait(timeout=POLL_S)
            pytest.fail(f"the launcher ended:\n{started.log.read_text()}")
        with suppress(httpx.TransportError):
            if httpx.get(f"{started.address}/readyz", timeout=5).status_code == 200:
                return
    pytest.fail(f"not ready after {START_LIMIT_S} s:\n{started.log.read_text()}")


def stop(started: Started) -> None:
    """Ask the launcher to stop; kill it only if it does not."""
    if started.process.poll() is None:
        started.process.send_signal(signal.SIGINT)
    try:
        started.process.wait(timeout=90)
    except subprocess.TimeoutExpired:
        started.process.kill()
        started.process.wait()
