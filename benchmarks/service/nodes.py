"""The service in a local cluster of two nodes: `python -m benchmarks.service.nodes PROFILE`.

The second node, where there is room to draw, dies on SIGUSR1, and another takes its place.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from rich.console import Console

from deployments.launch.profile import read_profile
from deployments.launch.start import prepare, serve

LAUNCHER = "benchmarks.service.nodes"
HEAD_CPUS, NODE_CPUS = 1, 2
"""The shipped profile's painter needs more than the head has."""


def kill(pid: int) -> bool:
    """Tell the process of this module to kill its second node."""
    os.kill(pid, signal.SIGUSR1)
    return True


def main() -> int:
    """Start both nodes, serve until Ctrl-C, stop. Returns the exit status."""
    from ray.cluster_utils import Cluster

    prepare()
    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": HEAD_CPUS, "include_dashboard": False}
    )
    os.environ["RAY_ADDRESS"] = cluster.address
    dies = threading.Event()
    signal.signal(signal.SIGUSR1, lambda number, frame: dies.set())
    threading.Thread(target=_replace, args=(cluster, dies), daemon=True).start()
    try:
        return serve(read_profile(Path(sys.argv[1])), Console(highlight=False, soft_wrap=True))
    finally:
        cluster.shutdown()


def _replace(cluster: Any, dies: threading.Event) -> None:
    """Keep a second node; kill it whenever `dies` is set."""
    while True:
        node = cluster.add_node(num_cpus=NODE_CPUS)
        dies.wait()
        dies.clear()
        cluster.remove_node(node, allow_graceful=False)


if __name__ == "__main__":
    sys.exit(main())
