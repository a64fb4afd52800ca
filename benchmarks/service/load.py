"""The service under load: at capacity, at ten times that, while it is followed; beside it a bare echo.

make bench-service                                  (starts a service of its own)
make bench-service ARGS="--url http://127.0.0.1:8000 --requests 100"
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.machine import machine
from benchmarks.service import floor, stall
from benchmarks.service.asking import IMAGES, RUNS, Answer, Asker, small
from benchmarks.service.figures import Figure, percentile, spread, table
from benchmarks.service.own import started
from record.types import Json

TIMES = 10
"""How many times capacity is asked for under overload."""
PING_S = 0.05


@dataclass(frozen=True)
class Plan:
    """How much is asked: counts of requests, and seconds."""

    requests: int = 40
    clients: int = 4
    overload_s: float = 20.0
    most: int = 600
    within_s: float = 10.0
    steps: int = 4
    candidates: int = 1

    def body(self, number: int) -> Json:
        """The request of that number."""
        return small(number, steps=self.steps, candidates=self.candidates)


@dataclass(frozen=True)
class Load:
    """Answers, and the seconds from the first question to the last answer."""

    answers: list[Answer]
    seconds: float

    @property
    def goodput(self) -> float:
        """Pictures a second."""
        return sum(answer.status == 200 for answer in self.answers) / self.seconds


async def measure(asker: Asker, plan: Plan, console: Console) -> list[Figure]:
    """All figures of the service; a line is printed before each part."""
    console.print("one request after the other")
    alone = await closed(asker, plan, clients=1, count=max(3, plan.requests // 4))
    console.print("at capacity")
    async with pinging(asker) as calm:
        full = await closed(asker, plan, plan.clients, plan.requests)
    console.print(f"at {TIMES} times capacity")
    async with pinging(asker) as pings:
        over = await overload(asker, plan, TIMES * full.goodput)
    console.print("followed and not followed")
    followed = await following(asker, plan, max(3, plan.requests // 8))
    figures = [Figure("throughput at capacity", full.goodput, "pictures/s")]
    figures += spread("request alone", [answer.seconds for answer in alone.answers])
    figures += spread("overhead over the story, alone", overheads(alone.answers))
    figures += spread("request at capacity", [answer.seconds for answer in full.answers])
    figures += spread("overhead over the story, at capacity", overheads(full.answers))
    figures.append(Figure("at capacity: /healthz, p99", slowest_ms(calm), "ms"))
    return [*figures, *judged(over, full.goodput), *health(pings), followed]


def overheads(answers: list[Answer]) -> list[float]:
    """Seconds of each picture's request beyond those of the story's stages."""
    told = [(answer, answer.json()["data"][0]["run"]) for answer in answers if answer.status == 200]
    return [answer.seconds - sum(run["timings"].values()) for answer, run in told]


def slowest_ms(answers: Iterable[Answer]) -> float:
    """The 99th percentile, in milliseconds."""
    return 1000 * percentile([answer.seconds for answer in answers], 0.99)


def judged(over: Load, capacity: float) -> list[Figure]:
    """What is wanted under overload: early and polite refusals, nothing begun in vain, no less drawn."""
    refused = [answer for answer in over.answers if answer.status == 429]
    silent = sum(answer.retry_after_s is None for answer in refused)
    late = sum(answer.status not in (200, 429) for answer in over.answers)
    foreign = sum(answer.is_foreign for answer in over.answers)
    return [
        Figure("overload: requests", len(over.answers)),
        Figure("overload: refused (429)", len(refused)),
        Figure("overload: 429, p99", slowest_ms(refused), "ms", ("<=", 100)),
        Figure("overload: 429 without Retry-After", silent, "", ("==", 0)),
        Figure("overload: accepted, and no picture", late, "", ("==", 0)),
        Figure("overload: errors not in OpenAI's shape", foreign, "", ("==", 0)),
        Figure("overload: goodput to that at capacity", over.goodput / capacity, "", (">=", 0.9)),
    ]


def health(pings: list[Answer]) -> list[Figure]:
    """How /healthz answered meanwhile."""
    bad = sum(ping.status != 200 for ping in pings)
    return [
        Figure("overload: /healthz, p99", slowest_ms(pings), "ms", ("<=", 50)),
        Figure("overload: /healthz not answered 200", bad, "", ("==", 0)),
    ]


async def closed(asker: Asker, plan: Plan, clients: int, count: int) -> Load:
    """`clients` callers, each asking again as soon as it was answered, `count` requests in all."""
    numbers, answers = iter(range(count)), list[Answer]()

    async def caller() -> None:
        for number in numbers:
            answers.append(await asker.post(IMAGES, plan.body(number)))

    start = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(clients)))
    return Load(answers, time.perf_counter() - start)


@asynccontextmanager
async def pinging(asker: Asker) -> AsyncGenerator[list[Answer], None]:
    """Ask for /healthz all the while; the answers so far."""
    pings, is_over = list[Answer](), asyncio.Event()

    async def ping() -> None:
        while not is_over.is_set():
            pings.append(await asker.get("/healthz"))
            await asyncio.sleep(PING_S)

    task = asyncio.create_task(ping())
    try:
        yield pings
    finally:
        is_over.set()
        await task


async def overload(asker: Asker, plan: Plan, rate: float, path: str = IMAGES) -> Load:
    """Requests at `rate` a second whatever is answered."""
    count = max(1, min(plan.most, round(rate * plan.overload_s)))

    async def arrive(number: int) -> Answer:
        await asyncio.sleep(number / rate)
        return await asker.post(path, plan.body(number), x_request_timeout_seconds=f"{plan.within_s:g}")

    start = time.perf_counter()
    answers = list(await asyncio.gather(*(arrive(number) for number in range(count))))
    return Load(answers, time.perf_counter() - start)


async def following(asker: Asker, plan: Plan, count: int) -> Figure:
    """How much longer the service draws, by its own clock, where somebody reads the events."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * count):
        is_followed = bool(number % 2)
        run = (await asker.post(RUNS, plan.body(number // 2))).json()["id"]
        if is_followed:
            await asker.follow(run)
        told = await asker.over(run)
        seconds[is_followed].append(told["ended"] - told["created"])
    medians = {followed: percentile(values, 0.5) for followed, values in seconds.items()}
    more = 100 * (medians[True] / medians[False] - 1)
    return Figure("followed by its events: longer by", more, "%", ("<=", 5))


async def bare(asker: Asker, plan: Plan, rate: float) -> list[Figure]:
    """The same of the echo: all requests at once by as many clients, and at the rate of the overload."""
    start = time.perf_counter()
    full = [await asker.post(floor.PATH, plan.body(number)) for number in range(plan.requests)]
    throughput = len(full) / (time.perf_counter() - start)
    async with pinging(asker) as pings:
        over = await overload(asker, plan, rate, floor.PATH)
    return [
        Figure("echo: answers a second to one client", throughput, "1/s"),
        *spread("echo: request", [answer.seconds for answer in full]),
        *spread("echo: request, at the overload's rate", [answer.seconds for answer in over.answers]),
        Figure("echo: /healthz p99 meanwhile", slowest_ms(pings), "ms"),
    ]


async def everything(url: str, key: str | None, plan: Plan, console: Console) -> list[Figure]:
    """The service, the bare echo where it can be deployed, and the edge's stall."""
    async with Asker(url, key) as asker:
        figures = await measure(asker, plan, console)
        console.print("a bare echo")
        with floor.floor() as is_up:
            if is_up:
                figures += await bare(asker, plan, TIMES * figures[0].value)
            else:
                console.print("no Ray of one's own on this machine: no bare echo to compare with")
    console.print("stall of the event loop")
    return figures + await stall.measure()


def main(
    url: Annotated[str, typer.Option(help="a running service; one is started if left out")] = "",
    key: Annotated[str, typer.Option(help="an API key, where the service wants one")] = "",
    requests: Annotated[int, typer.Option(help="at capacity", min=4)] = Plan.requests,
    clients: Annotated[int, typer.Option(help="at once, at capacity", min=1)] = Plan.clients,
    overload_s: Annotated[float, typer.Option(help="seconds of overload", min=1)] = Plan.overload_s,
    most: Annotated[int, typer.Option(help="requests of the overload at most", min=1)] = Plan.most,
    within_s: Annotated[float, typer.Option(help="deadline of those", min=1)] = Plan.within_s,
    steps: Annotated[int, typer.Option(min=2)] = Plan.steps,
    candidates: Annotated[int, typer.Option(min=1)] = Plan.candidates,
) -> None:
    """Measure and print one table; the exit status is 1 where a limit is not kept."""
    plan = Plan(requests, clients, overload_s, most, within_s, steps, candidates)
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder:
        place = nullcontext(None) if url else started(Path(folder))
        with place as own:
            address = own.address if own else url
            figures = asyncio.run(everything(address, key or None, plan, console))
    console.print(table(f"T = {steps}, k = {candidates}; {machine()}, {time.strftime('%F')}", figures))
    raise typer.Exit(not all(figure.is_kept for figure in figures))


if __name__ == "__main__":
    typer.run(main)
