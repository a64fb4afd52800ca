"""A node with two of four painters is killed in mid-load: which requests are lost?

python -m benchmarks.fleet.loss               (about two minutes)
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.fleet.cluster import Fleet, Scaling, fleet
from benchmarks.fleet.load import Arrival, Spell, arrivals, patient
from benchmarks.fleet.play import Played, play
from benchmarks.machine import machine

PAINTERS, NODES = 4, 2
KILLED_AT_S, SPELLS = 20.0, (Spell(50, 2.5),)


def killed(cluster: Fleet, load: Sequence[Arrival], at_s: float = KILLED_AT_S) -> Played:
    """Play, kill the last node, and let another one come, which only a program's main thread can do."""
    with ThreadPoolExecutor(1) as pool:
        playing = pool.submit(asyncio.run, play(cluster.address, load))
        time.sleep(at_s)
        cluster.kill()
        cluster.add()
        return playing.result()


def main() -> None:
    """Print what became of the requests."""
    with tempfile.TemporaryDirectory() as folder, fleet(Path(folder), nodes=NODES) as cluster:
        cluster.deploy(Scaling(PAINTERS, PAINTERS))
        played = killed(cluster, patient(arrivals(SPELLS)))
        Console(width=110).print(table(played))


def table(played: Played) -> Table:
    """What became of the requests."""
    lost = sum(one.status != 200 for one in played.answers)
    shown = Table("measure", "value", title=f"a node killed in mid-load; {machine()}, {time.strftime('%F')}")
    shown.add_row("requests", str(len(played.answers)))
    shown.add_row("lost", str(lost))
    shown.add_row("degraded", str(sum(one.is_degraded for one in played.answers)))
    shown.add_row("fewest painters that ran", str(min(one.running for one in played.seen)))
    shown.add_row("longest", f"{max(one.seconds for one in played.answers):.0f} s")
    return shown


if __name__ == "__main__":
    main()
