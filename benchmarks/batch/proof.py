"""The proof: a cluster, a batch, deaths while it is drawn, and the count."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
from ray.cluster_utils import Cluster
from rich.console import Console

from batch import cluster, journal, manifest
from batch.folder import Folder
from batch.items import Item
from batch.rows import Row
from batch.work import work_off
from benchmarks.batch.toy import LoadToy, Toy, drawn_twice, picture
from record_cli.batch_progress import BatchProgress

PROMPT = "a woman is kicking a ball"


@dataclass(frozen=True)
class Plan:
    """How much is drawn by how many, and what dies meanwhile."""

    prompts: int
    nodes: int = 3
    workers: int = 2
    block: int = 8
    pause_s: float = 0.02
    kill_worker: bool = True
    kill_node: bool = True


@dataclass(frozen=True)
class Found:
    """What became of the prompts."""

    prompts: int
    rows: int
    lost: int
    repeated: int
    again: int
    workers: int
    killed: tuple[str, ...]
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether every prompt has its row and its picture, and none was drawn in vain."""
        return self.lost == self.repeated == 0 and self.rows == self.prompts

    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and value of each."""
        yield "prompts", str(self.prompts)
        yield "rows of the manifest", str(self.rows)
        yield "killed", ", ".join(self.killed) or "nothing"
        yield "lost", str(self.lost)
        yield "repeated: drawn after their row was kept", str(self.repeated)
        yield "under way at a death, drawn again", str(self.again)
        yield "processes that drew what was kept", str(self.workers)
        yield "seconds", f"{self.seconds:.0f}, {self.prompts / self.seconds:.0f} pictures/s"


@dataclass
class Deaths:
    """Kills a worker and a node as the rows come, from a thread of its own."""

    plan: Plan
    nodes: Any
    killed: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    kept: dict[str, float] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def hear(self, row: Row) -> None:
        """A row is on the disk."""
        self.kept[row.id] = time.time()
        self.rows.append(row)
        done = len(self.rows)
        if self.plan.kill_worker and done == self.plan.prompts // 5:
            self._begin(lambda: self._kill_worker(row))
        if self.plan.kill_node and done == 2 * self.plan.prompts // 5:
            self._begin(lambda: self._kill_node(row))

    def _begin(self, kill: Any) -> None:
        self.threads.append(threading.Thread(target=kill))
        self.threads[-1].start()

    def _kill_worker(self, row: Row) -> None:
        """Kill the process that drew the row."""
        psutil.Process(int(row.worker.rpartition(":")[2])).kill()
        self.killed.append(f"worker {row.worker}")

    def _kill_node(self, row: Row) -> None:
        """Kill the node that drew the row, with all its processes."""
        node = next(one for one in self.nodes.worker_nodes if one.node_id == row.node)
        self.nodes.remove_node(node, allow_graceful=False)
        self.killed.append(f"node {row.node[:8] if row.node else ''}")


def prove(plan: Plan, place: Path, console: Console) -> Found:
    """Draw a batch into a new folder of `place` while workers die, and count."""
    items = [Item(line, PROMPT, settings={"seed": line}) for line in range(1, plan.prompts + 1)]
    log, began = place / "log", time.monotonic()
    log.mkdir()
    with _nodes(plan) as nodes, Folder(place / "out", Toy.model) as folder:
        deaths = Deaths(plan, nodes)
        draws = cluster.on_cluster(
            LoadToy(log, plan.pause_s),
            cluster.Plan(plan.nodes * plan.workers, block=plan.block),
        )
        began = time.monotonic()
        with BatchProgress(console, "by a toy", plan.prompts, 0) as progress:

            def hear(row: Row) -> None:
                deaths.hear(row)
                progress.hear(row)

            work_off(folder, folder.todo(items), draws, hear)
        seconds = time.monotonic() - began
        for thread in deaths.threads:
            thread.join()
    return _count(plan, items, place, deaths, seconds)


def _count(plan: Plan, items: list[Item], place: Path, deaths: Deaths, seconds: float) -> Found:
    told = pq.read_table(manifest.write(place / "out"))
    pictures = dict(zip(told["id"].to_pylist(), told["picture"].to_pylist(), strict=True))
    lost = 0
    for item in items:
        file = place / "out" / str(pictures.get(item.id))
        lost += not file.is_file() or file.read_bytes() != picture(item)
    journalled = Counter(row.id for row in journal.rows(place / "out"))
    repeated, again = drawn_twice(place / "log", deaths.kept)
    repeated += journalled.total() - len(journalled)
    drew = len({row.worker for row in deaths.rows})
    return Found(plan.prompts, told.num_rows, lost, repeated, again, drew, tuple(deaths.killed), seconds)


@contextmanager
def _nodes(plan: Plan) -> Iterator[Cluster]:
    """A head that draws nothing and the nodes that do, joined; taken away at the end."""
    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        for _ in range(plan.nodes):
            nodes.add_node(num_cpus=plan.workers)
        nodes.wait_for_nodes()
        with cluster.connected(nodes.address):
            yield nodes
    finally:
        nodes.shutdown()
