"""What each process of the service loads before its models: seconds and memory, each in a fresh process.

python -m benchmarks.service.footprint --repeats 3
"""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

PARTS: Mapping[str, Sequence[str]] = {
    "HTTP edge": ("deployments.edge.ingress",),
    "application, while it is built": ("deployments.app",),
    "python -m deployments.launch": ("deployments.launch.start",),
    "command line": ("record_cli.app",),
    "command line with --url": ("record_cli.app", "record_cli.remote"),
    "command line, drawing": ("record_cli.app", "record.local"),
    "replica of an API": ("deployments.replicas.proxy", "deployments.replicas.images"),
    "analysis replica": ("deployments.replicas.analysis", "record.analysis", "mediapipe"),
    "diffusion replica": ("deployments.replicas.diffusion", "record.backbone", "record.engine.loop"),
}
"""What a process is, and the modules that it has loaded when it begins with its models."""

_MEASURE = """
import importlib, resource, sys, time
start = time.perf_counter()
for module in sys.argv[1:]:
    importlib.import_module(module)
seconds = time.perf_counter() - start
if sys.platform == "linux":  # the usage below would begin with what the parent had when it forked
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(seconds, peak, "torch" in sys.modules)
"""


@dataclass(frozen=True)
class Footprint:
    """One start: seconds of importing, the process's peak memory in MiB, and whether it has torch."""

    seconds: float
    mib: float
    has_torch: bool


def main(
    repeats: Annotated[int, typer.Option(help="starts of each, after one that warms the disk", min=1)] = 3,
) -> None:
    """Start every part's process some times, and print the medians."""
    found = {}
    for name, modules in track(PARTS.items(), description="starting"):
        measure(modules)
        found[name] = [measure(modules) for _ in range(repeats)]
    Console().print(table(found, f"median of {repeats}; {platform.machine()}, {time.strftime('%F')}"))


def measure(modules: Sequence[str]) -> Footprint:
    """Import the modules in a fresh process; CalledProcessError where that fails."""
    command = [sys.executable, "-c", _MEASURE, *modules]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    seconds, mib, has_torch = done.stdout.split()
    return Footprint(float(seconds), float(mib), has_torch == "True")


def table(found: Mapping[str, Sequence[Footprint]], title: str) -> Table:
    """Median seconds and MiB by part."""
    shown = Table("process", "seconds", "MiB", "torch", title=title)
    for name, starts in found.items():
        seconds = statistics.median(one.seconds for one in starts)
        mib = statistics.median(one.mib for one in starts)
        shown.add_row(name, f"{seconds:.1f}", f"{mib:.0f}", "yes" if starts[0].has_torch else "no")
    return shown


if __name__ == "__main__":
    typer.run(main)
