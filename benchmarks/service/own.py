"""A service of one's own: the shipped profile on a free port, with a fresh store, started as users do."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from deployments.config import ROOT

START_LIMIT_S = 1200.0
STOP_LIMIT_S = 90.0
POLL_S = 1.0
LAUNCHER = "deployments.launch"


class StartFailed(RuntimeError):
    """The launcher ended, or took too long; the message holds what it printed."""


@dataclass
class Started:
    """A running service: its address, what the launcher printed, and the launcher."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]


def write_profile(folder: Path, port: int, ingress: Mapping[str, Any] | None = None) -> Path:
    """The shipped profile on another port, with its store in `folder`; `ingress` adds to its arguments."""
    profile = yaml.safe_load((ROOT / "serve_config.yaml").read_text(encoding="utf-8"))
    profile["http_options"]["port"] = port
    store = {"store_url": f"sqlite:///{folder}/runs.sqlite3", "artefacts": f"{folder}/artefacts"}
    profile["applications"][0]["args"]["ingress"] |= {**store, **(ingress or {})}
    file = folder / "profile.yaml"
    file.write_text(yaml.safe_dump(profile), encoding="utf-8")
    return file


def launch(profile: Path, launcher: str = LAUNCHER) -> Started:
    """Start the module `launcher` with a profile; it may not be ready yet."""
    http = yaml.safe_load(profile.read_text(encoding="utf-8"))["http_options"]
    log = profile.with_name("launcher.log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", launcher, str(profile)], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    return Started(f"http://{http['host']}:{http['port']}", log, process)


@contextmanager
def started(folder: Path, launcher: str = LAUNCHER) -> Iterator[Started]:
    """A service with its store in `folder`; ready when it is given, stopped as Ctrl-C does afterwards."""
    own = launch(write_profile(folder, free_port()), launcher)
    try:
        wait_until_ready(own)
        yield own
    finally:
        stop(own)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(own: Started) -> None:
    """Return once /readyz says yes; StartFailed with the launcher's words if it ends or takes too long."""
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            own.process.wait(timeout=POLL_S)
            raise StartFailed(f"the launcher ended:\n{own.log.read_text()}")
        with suppress(httpx.TransportError):
            if httpx.get(f"{own.address}/readyz", timeout=5).status_code == 200:
                return
    raise StartFailed(f"not ready after {START_LIMIT_S:.0f} s:\n{own.log.read_text()}")


def stop(own: Started) -> None:
    """Ask the launcher to stop; kill it only if it does not."""
    if own.process.poll() is None:
        own.process.send_signal(signal.SIGINT)
    try:
        own.process.wait(timeout=STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        own.process.kill()
        own.process.wait()
