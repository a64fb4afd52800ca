"""`make fuzz`: odd requests against the edge over small fakes, or with --url against a running service."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.deployments.conftest import app_over_fakes
from tests.fuzz.run import run
from tests.fuzz.target import Target, served

SMALL = {"row_steps": 60, "steps": 2, "candidates": 1, "n": 1}
"""What each request against real models has, so that none takes long: dear ones are refused."""


def main() -> None:
    """Run, with a bar; the first wrong answer ends it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--url", help="a running service, such as http://127.0.0.1:8000; else small fakes")
    parser.add_argument("--key", help="an API key, where the service wants one")
    parser.add_argument("--cases", type=int, default=5000, help="requests at least")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    console, began = Console(), monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    place = nullcontext(asked.url) if asked.url else served(app_over_fakes())
    with place as url, Target(url, asked.key) as target, Progress(*columns, console=console) as progress:
        bar = progress.add_task("", total=asked.cases)

        def told(kind: str, status: int) -> None:
            progress.update(bar, advance=1, description=kind)

        found = run(target, asked.cases, asked.seed, told, SMALL if asked.url else {})
    console.print(f"{found.total()} requests in {monotonic() - began:.0f} s, none answered wrongly:")
    for status, number in sorted(found.items()):
        console.print(f"  {status or 'closed':>6}  {number}")


if __name__ == "__main__":
    main()
