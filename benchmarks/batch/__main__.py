"""A batch on a local Ray cluster of several nodes: python -m benchmarks.batch --prompts 10000 --kill-node.

The painter is a toy, all else is real. A prompt is lost if it has no row or not its own picture, and
repeated if it was drawn although its row was on the disk. What dies under way with its worker is drawn
again: that is counted beside.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.batch.proof import Found, Plan, prove


def main(
    prompts: Annotated[int, typer.Option(min=1, help="how many")] = 10_000,
    nodes: Annotated[int, typer.Option(min=2, help="beside the head, which draws nothing")] = 3,
    workers: Annotated[int, typer.Option(min=1, help="on a node")] = 2,
    block: Annotated[int, typer.Option(min=1, help="prompts between commits")] = 8,
    pause_ms: Annotated[float, typer.Option(min=0, help="what a picture takes")] = 20.0,
    kill_worker: Annotated[bool, typer.Option("--kill-worker", help="kill one process at a fifth")] = False,
    kill_node: Annotated[bool, typer.Option("--kill-node", help="kill a node at two fifths")] = False,
) -> None:
    """Draw, kill, count; the exit status is 1 where a prompt is lost or repeated."""
    plan = Plan(prompts, nodes, workers, block, pause_ms / 1000, kill_worker=kill_worker, kill_node=kill_node)
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        found = prove(plan, Path(folder), console)
    console.print(table(found))
    if not found.is_well:
        raise typer.Exit(1)


def table(found: Found) -> Table:
    """What was found, a line each."""
    lines = Table("", "", show_header=False)
    for name, value in found.lines():
        lines.add_row(name, value)
    return lines


if __name__ == "__main__":
    typer.run(main)
