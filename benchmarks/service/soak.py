"""Mixed requests for half an hour, and the memory of every process of the service meanwhile.

make soak                                           (starts a service of its own)
make soak ARGS="--minutes 5 --url http://127.0.0.1:8000 --pid LAUNCHER"
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.machine import machine
from benchmarks.service import memory
from benchmarks.service.asking import IMAGES, RUNS, Asker, small
from benchmarks.service.own import started
from record.types import Json

CUT_S = 0.5
"""After so long the caller that does not wait is gone."""
SAMPLES = 200
Told = Callable[[float], None]


@dataclass(frozen=True)
class Plan:
    """How long, how many requests a second, and what is drawn."""

    seconds: float = 1800.0
    rate: float = 0.5
    steps: int = 4
    candidates: int = 2


@dataclass
class Soaked:
    """Memory over time, and how many answers had which status."""

    samples: list[memory.Sample] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


async def ask(asker: Asker, plan: Plan, number: int) -> str:
    """One request of the mixture; how it was asked, and the status."""
    body = small(number, steps=plan.steps, candidates=plan.candidates)
    kind = ("image", "traced", "followed", "streamed", "left", "refused")[number % 6]
    if kind == "followed":
        answer = await asker.post(RUNS, body)
        if answer.status == 202:
            await asker.follow(answer.json()["id"])
    elif kind == "left":
        try:
            async with asyncio.timeout(CUT_S):
                answer = await asker.post(IMAGES, body)
        except TimeoutError:
            return "left: 0"
    else:
        more: dict[str, Json] = {
            "traced": {"trace": True},
            "streamed": {"stream": True},
            "refused": {"prompt": "", "n": 0},
        }
        answer = await asker.post(IMAGES, {**body, **more.get(kind, {})})
    return f"{kind}: {answer.status}"


async def soak(asker: Asker, plan: Plan, pid: int, told: Told) -> Soaked:
    """Ask at the rate, and look at the memory below the launcher `pid`; `told` hears of the seconds."""
    found, start, waiting = Soaked(), time.perf_counter(), set[asyncio.Task[None]]()

    async def one(number: int) -> None:
        found.statuses[await ask(asker, plan, number)] += 1

    number, looked = 0, 0.0
    while (at := time.perf_counter() - start) < plan.seconds:
        if at >= looked:
            found.samples += await asyncio.to_thread(memory.look, pid, at)
            looked += plan.seconds / SAMPLES
        if at >= number / plan.rate:
            task = asyncio.create_task(one(number))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            number += 1
        told(at)
        await asyncio.sleep(min(0.1, plan.seconds / SAMPLES))
    await asyncio.gather(*waiting)
    return found


def table(title: str, grown: Sequence[memory.Growth]) -> Table:
    """One row a process."""
    shown = Table("process", "pid", "samples", "warm MiB", "end MiB", "growth %", "kept", title=title)
    for one in grown:
        sizes = (f"{one.first_mib:.0f}", f"{one.last_mib:.0f}", f"{one.percent:+.1f}")
        shown.add_row(one.kind, str(one.pid), str(one.samples), *sizes, "yes" if one.is_kept else "NO")
    return shown


def main(
    url: Annotated[str, typer.Option(help="a running service; one is started if left out")] = "",
    pid: Annotated[int, typer.Option(help="with --url: the process of its launcher")] = 0,
    key: Annotated[str, typer.Option(help="an API key, where the service wants one")] = "",
    minutes: Annotated[float, typer.Option(min=0.1)] = Plan.seconds / 60,
    rate: Annotated[float, typer.Option(help="requests a second", min=0.01)] = Plan.rate,
) -> None:
    """Soak, and print the growth of every process; the exit status is 1 where one grew too much."""
    plan = Plan(60 * minutes, rate)
    with tempfile.TemporaryDirectory() as folder, Progress() as progress:
        with nullcontext(None) if url else started(Path(folder)) as own:
            bar = progress.add_task("soak", total=plan.seconds)

            async def run() -> Soaked:
                async with Asker(own.address if own else url, key or None) as asker:
                    below = own.process.pid if own else pid
                    return await soak(asker, plan, below, lambda at: progress.update(bar, completed=at))

            found = asyncio.run(run())
    grown = memory.growth(found.samples)
    console = Console(width=110)
    console.print(table(f"{minutes:g} minutes; {machine()}, {time.strftime('%F')}", grown))
    console.print(", ".join(f"{kind}: {count}" for kind, count in sorted(found.statuses.items())))
    raise typer.Exit(not all(one.is_kept for one in grown))


if __name__ == "__main__":
    typer.run(main)
