"""Start the service and say what happens meanwhile: `python -m deployments.launch [serve_config.yaml]`.

The same as `serve run serve_config.yaml`, with checks before it and a ready line after it, and without
Ray's dashboard.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FrameType

from rich.console import Console

from deployments.config import ROOT, ConfigError
from deployments.edge.proxied import CALLBACK, VARIABLE
from deployments.launch.checks import faults
from deployments.launch.profile import Profile, read_profile

START_LIMIT_S = 1200.0  # on a busy machine Python itself may take a minute to start
POLL_S = 0.5
EXAMPLE = '{"prompt": "a woman is kicking a ball"}'
WORK = {
    "Diffusion": "loading the diffusion model",
    "VLM": "starting vLLM with the vision-language model",
    "Analysis": "loading the pose model",
    "Ingress": "opening the HTTP port",
}


class StartError(RuntimeError):
    """The application could not start; the message is what Ray Serve says of it."""


def main() -> int:
    """Check, start, announce, wait for Ctrl-C or SIGTERM, stop. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deployments.launch", description=__doc__)
    parser.add_argument("config", nargs="?", type=Path, default=ROOT / "serve_config.yaml")
    console = Console(highlight=False, soft_wrap=True)
    try:
        profile = read_profile(parser.parse_args().config)
    except ConfigError as error:
        console.print(f"Cannot start: {error}", style="red", markup=False)
        return 2
    found = list(faults(profile))
    for fault in found:
        console.print(f"Cannot start: {fault}", style="red", markup=False)
    return 2 if found else serve(profile, console)


def serve(profile: Profile, console: Console) -> int:
    """Start Ray, or connect to the one that RAY_ADDRESS names, and serve until Ctrl-C or SIGTERM."""
    import ray
    from ray import serve as ray_serve

    stopped = threading.Event()
    try:
        with console.status("starting Ray ..."):
            _deploy(profile)
        _set_on_signals(stopped)
        console.print("Ray is up. The models load now; the first start takes about a minute.")
        _watch(profile, console, stopped)
        if not stopped.is_set():
            _announce(profile, console)
        stopped.wait()
        console.print("Stopping ...")
        return 0
    except KeyboardInterrupt:
        return 130
    except StartError as error:
        console.print(f"Cannot start: {error}", style="red", markup=False)
        return 1
    finally:
        if ray.is_initialized():
            ray_serve.shutdown()
            ray.shutdown()


def prepare() -> None:
    """Set what Ray's processes read from the environment as they start."""
    for limit in ("RAY_raylet_start_wait_time_s", "RAY_worker_register_timeout_seconds"):
        os.environ.setdefault(limit, str(int(START_LIMIT_S)))
    os.environ.setdefault(VARIABLE, CALLBACK)
    os.environ.setdefault("RAY_worker_niceness", "0")  # for the edge and the proxy; who computes gives way
    os.environ.setdefault("RAY_SERVE_FORCE_STOP_UNHEALTHY_REPLICAS", "1")  # one that hangs would never drain


def _set_on_signals(stopped: threading.Event) -> None:
    """Ctrl-C and SIGTERM end the wait. To be called after Ray's start, which sets handlers of its own."""

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _deploy(profile: Profile) -> None:
    """Start Ray without its dashboard, and hand it the profile."""
    import ray

    prepare()
    try:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    except Exception as error:  # Ray raises bare exceptions here
        raise StartError(f"Ray did not start ({error}): is the machine busy with something else?") from error
    apply(profile.path)


def apply(path: Path) -> None:
    """Have the Ray that this process is connected to serve a configuration file, from now on or instead.

    By Ray Serve's own command: its functions take no configuration, and its web interface needs the
    dashboard. StartError where the file was not taken.
    """
    from ray.serve.scripts import cli as serve_command

    given = ["run", "--non-blocking", "--app-dir", str(ROOT), str(path)]
    try:
        with redirect_stdout(StringIO()):  # it greets at length
            serve_command(given, standalone_mode=False)
    except SystemExit as error:  # it has printed why
        raise StartError(f"Ray Serve did not take {path}: the reason stands above") from error


def _watch(profile: Profile, console: Console, stopped: threading.Event) -> None:
    """Print a line for each part as it gets ready; StartError if one cannot."""
    from ray import serve

    began, ready = time.monotonic(), set[str]()
    name = profile.schema.applications[0].name
    with console.status("building the application ...") as spinner:
        while not stopped.wait(POLL_S):
            seconds = time.monotonic() - began
            found = serve.status().applications.get(name)
            if found is None:
                continue
            for part, state in found.deployments.items():
                if state.status.value == "HEALTHY" and part not in ready:
                    ready.add(part)
                    console.print(f"  {part:<10} ready after {seconds:3.0f} s")
            waiting = [WORK.get(part, part) for part in found.deployments if part not in ready]
            if waiting:
                spinner.update(f"{', '.join(waiting)} ... {seconds:.0f} s")
            if found.status.value == "RUNNING":
                return
            if found.status.value in ("DEPLOY_FAILED", "UNHEALTHY"):
                raise StartError(_last_lines(found.message or str(found.deployments)))
            if seconds > START_LIMIT_S:
                raise StartError(
                    f"not ready after {START_LIMIT_S:.0f} s, still {', '.join(waiting)}: see {_logs()}"
                )


def _announce(profile: Profile, console: Console) -> None:
    host = f"[{profile.host}]" if ":" in profile.host else profile.host
    address = f"http://{host}:{profile.port}"
    console.print(
        f"\nReady: {address}  (a page to draw on; the API: {address}/docs, logs: {_logs()}, Ctrl-C stops)",
        markup=False,
    )
    console.print(f"Figures for Prometheus: {', '.join(_metrics())}", markup=False)
    console.print(
        f"\ncurl -s {address}/v1/images/generations -H 'Content-Type: application/json' \\\n"
        f"  -d '{EXAMPLE}' | python3 -c \\\n"
        '  "import base64,json,sys; '
        "open('kick.png','wb').write(base64.b64decode(json.load(sys.stdin)['data'][0]['b64_json']))\"\n",
        markup=False,
    )


def _metrics() -> list[str]:
    """Where each node tells its figures; Ray does so without its dashboard as well."""
    import ray

    alive = [node for node in ray.nodes() if node["Alive"]]
    return [f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics" for node in alive]


def _last_lines(message: str) -> str:
    """The end of a message, where a traceback says what happened."""
    return "\n".join(message.strip().splitlines()[-4:]) + f"\n(all of it: {_logs()})"


def _logs() -> str:
    return "/tmp/ray/session_latest/logs/serve"
