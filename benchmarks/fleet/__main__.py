"""python -m benchmarks.fleet runs all four: scaling, a killed node, the planner beside the cluster, throughput."""

from __future__ import annotations

import subprocess
import sys

PARTS = ("scaling", "loss", "planned", "throughput")

if __name__ == "__main__":
    sys.exit(max(subprocess.call([sys.executable, "-m", f"benchmarks.fleet.{part}"]) for part in PARTS))
