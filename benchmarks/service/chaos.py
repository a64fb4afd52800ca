"""Requests while replicas are killed, and the application as a whole: none lost, none wrong.

make chaos                                          (starts a service of its own)
make chaos ARGS="--nodes 2"                         (in a local cluster, whose second node is killed too)
make chaos ARGS="--url http://127.0.0.1:8000 --pid LAUNCHER --requests 40"
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.service import nodes, processes
from benchmarks.service.asking import IMAGES, RUNS, Asker, small
from benchmarks.service.callers import Outcome, Verdict, by_images, by_runs, is_whole, take, verdict
from benchmarks.service.own import LAUNCHER, Started, launch, started, wait_until_ready
from record.types import Json, Picture

BODIES = 6
"""Unlike requests; each is drawn once in peace and then again and again."""
GIVEN: Json = {"box": [0.5, 0.5, 0.75, 0.75], "look_again": False}
KINDS = ("Diffusion", "Ingress", "Analysis", "VLM")
NODE = "node"
RESTART = "restart"
READY_S = 600.0
Told = Callable[[str], None]
"""Hears of every request that ended (""), and of every kill."""


@dataclass(frozen=True)
class Plan:
    """How many requests, by how many clients at once, and which kinds of processes die meanwhile."""

    requests: int = 200
    clients: int = 6
    kinds: tuple[str, ...] = KINDS
    steps: int = 4
    candidates: int = 1

    def bodies(self) -> list[Json]:
        """Every request that there is; every other one says itself where its object belongs.

        Where the language model is of two minds a grey more in a picture decides, and that depends on what
        is drawn beside it. Its answers to the others were the same in every company that was tried.
        """
        return [
            small(number, steps=self.steps, candidates=self.candidates, **(GIVEN if number % 2 else {}))
            for number in range(BODIES)
        ]


Restart = Callable[[Asker], Awaitable[list[Outcome]]]
Found = tuple[str, Verdict, int]
"""What was tried, what came of it, and of how many requests."""


async def in_peace(asker: Asker, plan: Plan) -> list[Picture]:
    """Every body's picture while nothing dies; RuntimeError where the service cannot draw at all."""
    pictures = []
    for body in plan.bodies():
        answer = await asker.post(IMAGES, body)
        if answer.status != 200 or not is_whole(answer.json()["data"][0]["run"]["degraded"]):
            raise RuntimeError(f"in peace: {answer.status}: {answer.content[:300]!r}")
        pictures.append(answer.picture())
    return pictures


async def under_kills(asker: Asker, plan: Plan, pid: int, told: Told) -> list[Outcome]:
    """`plan.requests` by both ways of asking, while processes below the launcher `pid` die as scheduled."""
    bodies, numbers, outcomes = plan.bodies(), iter(range(plan.requests)), list[Outcome]()
    due = processes.schedule(plan.kinds, plan.requests)

    async def caller() -> None:
        for number in numbers:
            ask = by_runs if number % 2 else by_images
            body = number % BODIES
            outcomes.append(await ask(asker, body, bodies[body], secrets.token_hex(8)))
            told("")
            while due and len(outcomes) >= due[0][0]:
                kind = due.pop(0)[1]
                told(f"{kind} killed" if _kill(pid, kind) else f"no {kind} to kill")

    await asyncio.gather(*(caller() for _ in range(plan.clients)))
    await ready(asker)
    return outcomes


async def over_a_restart(asker: Asker, plan: Plan, own: Started, launcher: str, count: int) -> list[Outcome]:
    """Accept `count` runs, kill everything as soon as one is drawn, start anew: what became of each."""
    bodies, runs = plan.bodies(), list[str]()
    for number in range(count):
        key = secrets.token_hex(8)
        answer = await asker.post(RUNS, bodies[number % BODIES], idempotency_key=key)
        runs.append(answer.json()["id"])
    while not (await asker.get(f"{RUNS}?status=running")).json().get("data"):
        await asyncio.sleep(0.1)
    await asyncio.to_thread(processes.kill_all, own.process.pid)
    again = launch(own.log.with_name("profile.yaml"), launcher)
    own.process.wait()
    own.process = again.process
    await asyncio.to_thread(wait_until_ready, own)
    outcomes = [Outcome(number % BODIES) for number in range(count)]
    await asyncio.gather(*(take(asker, run, outcome) for run, outcome in zip(runs, outcomes, strict=True)))
    return outcomes


async def ready(asker: Asker) -> None:
    """Return when every part can work again; TimeoutError after READY_S seconds."""
    async with asyncio.timeout(READY_S):
        while (await asker.get("/readyz")).status != 200:
            await asyncio.sleep(1)


def _kill(pid: int, kind: str) -> bool:
    return nodes.kill(pid) if kind == NODE else processes.kill(pid, kind)


def table(title: str, found: Verdict, count: int) -> Table:
    """What became of the requests, and what the clients saw."""
    shown = Table("measure", "value", title=title)
    rows: Sequence[tuple[str, object]] = (
        ("requests", count),
        ("lost", len(found.lost)),
        ("wrong", len(found.wrong)),
        ("the same picture as in peace", found.same),
        ("degraded, as they say", found.degraded),
        ("errors not in OpenAI's shape", len(found.foreign)),
        ("answers by status (0: none)", ", ".join(f"{s}: {n}" for s, n in sorted(found.statuses.items()))),
    )
    for name, value in rows:
        shown.add_row(name, str(value))
    for line in dict.fromkeys([one.why for one in found.lost] + found.foreign):
        shown.add_row("", line)
    return shown


def is_well(found: Verdict) -> bool:
    """Whether nothing was lost or wrong, and no error was another's."""
    return not (found.lost or found.wrong or found.foreign)


def is_same(found: Verdict, count: int) -> bool:
    """Whether each of `count` requests has the picture that is drawn in peace, and no part was missing."""
    return is_well(found) and found.same == count and not found.degraded


async def play(
    url: str, key: str | None, plan: Plan, pid: int, restart: Restart | None = None
) -> list[Found]:
    """Kills, and the restart where one is asked for."""
    found = []
    async with Asker(url, key) as asker:
        with Progress() as progress:
            bar = progress.add_task("in peace", total=plan.requests)

            def told(line: str) -> None:
                progress.update(bar, advance=not line, description=line or None)

            pictures = await in_peace(asker, plan)
            outcomes = await under_kills(asker, plan, pid, told)
            found.append(("kills", verdict(outcomes, pictures), len(outcomes)))
            if restart is not None:
                progress.update(bar, description="restart")
                outcomes = await restart(asker)
                found.append((RESTART, verdict(outcomes, pictures), len(outcomes)))
    return found


def main(
    url: Annotated[str, typer.Option(help="a running service; one is started if left out")] = "",
    pid: Annotated[int, typer.Option(help="with --url: the process of its launcher")] = 0,
    key: Annotated[str, typer.Option(help="an API key, where the service wants one")] = "",
    requests: Annotated[int, typer.Option(min=1)] = Plan.requests,
    clients: Annotated[int, typer.Option(help="at once", min=1)] = Plan.clients,
    kinds: Annotated[str, typer.Option(help="what is killed, in this order")] = ",".join(KINDS),
    count: Annotated[int, typer.Option(help="runs that wait while all is killed", min=0)] = 20,
    nodes_: Annotated[int, typer.Option("--nodes", help="2: a local cluster", min=1, max=2)] = 1,
) -> None:
    """Kill, ask, and print what became of the requests.

    The exit status is 1 where any was lost or wrong, or one that was accepted before the restart is not the
    picture that it would have been.
    """
    named = (*kinds.split(","), NODE) if nodes_ > 1 else tuple(kinds.split(","))
    plan = Plan(requests, clients, named)
    if url:
        found = asyncio.run(play(url, key or None, plan, pid))
    else:
        found = _with_own(plan, nodes.LAUNCHER if nodes_ > 1 else LAUNCHER, count)
    for title, one, asked in found:
        Console(width=110).print(table(title, one, asked))
    kept = (is_same(one, asked) if title == RESTART else is_well(one) for title, one, asked in found)
    raise typer.Exit(not all(kept))


def _with_own(plan: Plan, launcher: str, count: int) -> list[Found]:
    with tempfile.TemporaryDirectory() as folder, started(Path(folder), launcher) as own:

        async def restart(asker: Asker) -> list[Outcome]:
            return await over_a_restart(asker, plan, own, launcher, count)

        return asyncio.run(play(own.address, None, plan, own.process.pid, restart if count else None))


if __name__ == "__main__":
    typer.run(main)
