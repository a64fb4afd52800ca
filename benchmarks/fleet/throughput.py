"""How much more 2, 4 and 8 painters draw than one, on one to four nodes.

python -m benchmarks.fleet.throughput         (about seven minutes)
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.fleet.cluster import Fleet, Scaling, fleet
from benchmarks.fleet.load import PACE, PATIENT_S, Arrival, Kind
from benchmarks.fleet.play import play
from benchmarks.machine import machine

SIZES = ((1, 1), (2, 1), (4, 2), (8, 4))
"""Painters, and the nodes that they are on, two on each."""
STEPS, BATCHES = 25, 3
LONG = Kind("plain", (("method", "plain"), ("steps", STEPS)), PATIENT_S)


def drawn(cluster: Fleet, painters: int) -> float:
    """Row-steps a second while each of them draws `BATCHES` full ones, from the first request to the last."""
    cluster.deploy(Scaling(painters, painters))
    load = [Arrival(0.0, LONG)] * (painters * PACE.slots * BATCHES)
    asyncio.run(play(cluster.address, load[:1]))  # whoever is first waits for connections and imports
    start = time.monotonic()
    played = asyncio.run(play(cluster.address, load))
    assert all(one.status == 200 for one in played.answers)
    return len(load) * LONG.row_steps() / (time.monotonic() - start)


def main() -> None:
    """Print a row for each size."""
    table = Table(
        "painters", "nodes", "row-steps/s", "of linear", title=f"{machine()}, {time.strftime('%F')}"
    )
    with tempfile.TemporaryDirectory() as folder, fleet(Path(folder), nodes=1) as cluster:
        alone = 0.0
        for painters, nodes in SIZES:
            cluster.add(nodes - len(cluster.nodes))
            rate = drawn(cluster, painters)
            alone = alone or rate
            table.add_row(str(painters), str(nodes), f"{rate:.1f}", f"{rate / alone / painters:.1%}")
    full = PACE.row_steps_per_s(2)
    Console(width=110).print(table, f"A painter whose places are always taken draws {full:.1f} row-steps/s.")


if __name__ == "__main__":
    main()
