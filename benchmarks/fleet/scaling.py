"""Painters under a bursty load, by the work that waits and as Ray Serve scales by itself, in one run.

python -m benchmarks.fleet.scaling            (about ten minutes; on 127.0.0.1, stopped afterwards)
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.fleet.cluster import Fleet, Scaling, fleet
from benchmarks.fleet.load import BURSTS, RECORD, Arrival, arrivals, pace, patient
from benchmarks.fleet.play import Played, play
from benchmarks.machine import machine

QUIET_S = 5.0
AT_ONCE = {"upscale_delay_s": 0.0, "downscale_delay_s": 0.0}
AIM = {"drain_s": 25.0, "starts_s": 10.0, "quiet_s": QUIET_S}
BY_WORK = Scaling(
    fields=AT_ONCE, policy={"policy_function": "deployments.scaling.policy:ByWork", "policy_kwargs": AIM}
)
STOCK = Scaling(
    fields={"target_ongoing_requests": 10.0, "upscale_delay_s": 5.0, "downscale_delay_s": QUIET_S}
)
"""Ray Serve's own policy as the profiles have it, but for as short a quiet time as ours."""
POLICIES = {"by work": BY_WORK, "Ray Serve's own": STOCK}
REST_S = 15.0
SUDDEN = 4
"""Painters that the work which comes at once is worth: with more their starting takes two cores too long."""


def followed(played: Played, painters: int, *, running: bool) -> float:
    """Seconds until so many are wanted, or run."""
    there = (one.at for one in played.seen if (one.running if running else one.wanted) >= painters)
    return next(there, float("inf"))


def ideal(played: Played) -> float:
    """GPU-seconds of what was drawn, by painters that are always full, start at once and never idle."""
    return sum(one.arrival.kind.row_steps() for one in played.answers if one.status == 200) / pace()


def figures(bursts: Played, at_once: Played) -> dict[str, str]:
    """What is told of one policy."""
    answers, held, least = bursts.answers, bursts.gpu_seconds(), ideal(bursts)
    seconds = np.array([one.seconds for one in answers])
    return {
        "requests in bursts": str(len(answers)),
        "in time": f"{sum(one.is_in_time for one in answers) / len(answers):.1%}",
        "without a picture": str(sum(one.status != 200 for one in answers)),
        "answers 429 on the way": str(sum(one.refused for one in answers)),
        "mean, p95": f"{seconds.mean():.1f} s, {np.quantile(seconds, 0.95):.1f} s",
        "most painters": str(max(one.running for one in bursts.seen)),
        "GPU-seconds": f"{held:.0f}",
        "of ideal": f"{held / least:.2f}" if least else "-",
        f"work for {SUDDEN} at once: wanted after": f"{followed(at_once, SUDDEN, running=False):.1f} s",
        "running after": f"{followed(at_once, SUDDEN, running=True):.1f} s",
    }


def measure(cluster: Fleet, scaling: Scaling, seed: int = 0) -> tuple[Played, Played]:
    """Deploy with this scaling, and play the bursts, then the sudden work."""
    cluster.deploy(scaling)
    bursts = asyncio.run(play(cluster.address, arrivals(BURSTS, seed), REST_S))
    return bursts, asyncio.run(play(cluster.address, sudden(SUDDEN)))


def sudden(painters: int) -> list[Arrival]:
    """Requests at one moment that warrant so many painters, none in a hurry."""
    count = math.ceil((painters - 0.5) * AIM["drain_s"] * pace() / RECORD.row_steps())
    return patient([Arrival(0.0, RECORD)] * count)


def main(
    only: Annotated[str, typer.Option(help=f"one of {list(POLICIES)}; all if left out")] = "",
    seed: Annotated[int, typer.Option(help="of the arrivals")] = 0,
    raw: Annotated[str, typer.Option(help="file for everything that was seen, as JSON lines")] = "",
) -> None:
    """Play the same arrivals with each policy and print both columns."""
    told: dict[str, dict[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder, fleet(Path(folder), nodes=4) as cluster:
        for name in [only] if only else POLICIES:
            bursts, at_once = measure(cluster, POLICIES[name], seed)
            told[name] = figures(bursts, at_once)
            if raw:
                with Path(raw).open("a", encoding="utf-8") as lines:
                    for played in (bursts, at_once):
                        lines.write(json.dumps({"policy": name, **asdict(played)}) + "\n")
    table = Table("measure", *told, title=f"bursts; {machine()}, {time.strftime('%F')}")
    for row in next(iter(told.values())):
        table.add_row(row, *(column[row] for column in told.values()))
    Console(width=110).print(table)


if __name__ == "__main__":
    typer.run(main)
