"""All four, one after another: scaling, the planner beside the cluster, a killed node, throughput."""

from __future__ import annotations

from benchmarks.fleet import loss, planned, scaling, throughput

if __name__ == "__main__":
    scaling.main()
    planned.main()
    loss.main()
    throughput.main()
