"""Is this machine fit to start the service? Each check that fails is one line saying what to do."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil

from deployments.arguments import AppArgs
from deployments.config import ConfigError, read_key
from deployments.edge.hosts import is_local
from deployments.keys import read_keys
from deployments.launch.profile import Profile

BASE_GIB = 1.5
"""Memory of Ray itself, the HTTP edge and the pose model."""
DIFFUSION_GIB = 0.8
"""Memory of one diffusion replica beyond its weights."""
VLM_GIB = 2.2
"""Memory of one vLLM engine on the CPU beyond its weights: libraries, and 1 GiB of cache."""
RAY_PROCESSES = frozenset({"raylet", "gcs_server"})


def faults(profile: Profile) -> Iterator[str]:
    """One line for each thing to be mended before starting."""
    yield from _leftover_ray()
    yield from _busy_port(profile.host, profile.port)
    yield from _missing_files(profile.args)
    yield from _missing_keys(profile.args)
    yield from _open_to_strangers(profile.args, profile.host)
    yield from _few_cpus(profile)
    yield from _little_memory(profile)


def _leftover_ray() -> Iterator[str]:
    for process in psutil.process_iter(["name"]):
        name = (process.info["name"] or "").split(":")[0]
        if name in RAY_PROCESSES:
            yield (
                f"Ray is already running here ({name}, process {process.pid}): stop it with  ray stop,"
                "  or deploy into it with  serve deploy serve_config.yaml"
            )
            return


def _busy_port(host: str, port: int) -> Iterator[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            yield f"port {port} on {host} is in use: stop what listens there, or change http_options.port"
        else:
            why = error.strerror or error
            yield f"nothing can listen on {host}, port {port} ({why}): change http_options.host or port"


def _missing_files(args: AppArgs) -> Iterator[str]:
    wanted = [(args.diffusion.checkpoint, "model_index.json", "diffusion.checkpoint")]
    if args.vlm is not None and args.vlm.kind == "vllm":
        wanted.append((args.vlm.source, "config.json", "vlm.model"))
    for folder, file, key in wanted:
        if Path(folder).is_absolute() and not (Path(folder) / file).is_file():
            remedy = f"restore it with  git checkout -- miniature/weights,  or change {key}"
            yield f"{Path(folder) / file} is missing: {remedy}"
    if not args.analysis.bundle.is_file():
        remedy = "fetch it with  .venv/bin/python -m record.analysis.bundle"
        yield f"the pose model {args.analysis.bundle} is missing: {remedy}"


def _missing_keys(args: AppArgs) -> Iterator[str]:
    for name, group in (("vlm", args.vlm), ("images", args.images)):
        try:
            read_key(group.api_key_env if group else None, f"{name}.api_key_env")
        except ConfigError as error:
            yield str(error)


def _open_to_strangers(args: AppArgs, host: str) -> Iterator[str]:
    """Keys that cannot be read, or an address that others reach and that nobody needs a key for."""
    try:
        read_keys(args.ingress)
    except ConfigError as error:
        yield str(error)
    if not (args.ingress.has_keys or args.ingress.allow_anonymous or is_local(host)):
        yield (
            f"http_options.host={host} can be reached from other machines, and there are no API keys: set "
            "ingress.keys_file (python -m deployments.keys makes a key), say ingress.allow_anonymous: true, "
            "or listen on 127.0.0.1"
        )


def _few_cpus(profile: Profile) -> Iterator[str]:
    there = psutil.cpu_count() or 1
    needed = sum(_first(profile, name) * args.num_cpus for name, args in profile.args.parts.items())
    if round(needed, 4) > there:
        yield (
            f"the first replicas reserve {needed:g} CPUs and {there} are there: "
            "lower num_cpus or min_replicas"
        )


def _first(profile: Profile, name: str) -> int:
    """How many replicas of a deployment start at first."""
    return max(1, profile.replicas(name)[0])


def _little_memory(profile: Profile) -> Iterator[str]:
    free = psutil.virtual_memory().available / 2**30
    needed = needed_gib(profile)
    if free < needed:
        yield f"{needed:.1f} GiB of memory is needed and {free:.1f} GiB is free: close other programs"


def needed_gib(profile: Profile) -> float:
    """Main memory the first replicas take, in GiB, as measured with the shipped models."""
    needed, args = BASE_GIB, profile.args
    if args.diffusion.device == "cpu":
        needed += _first(profile, "Diffusion") * (DIFFUSION_GIB + _size_gib(args.diffusion.checkpoint))
    if args.vlm is not None and args.vlm.kind == "vllm" and args.vlm.on_cpu:
        needed += _first(profile, "VLM") * (VLM_GIB + _size_gib(args.vlm.source))
    return needed


def _size_gib(folder: str) -> float:
    return sum(file.stat().st_size for file in Path(folder).rglob("*.safetensors")) / 2**30
