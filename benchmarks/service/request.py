"""How long one request takes on a running service, by stage.

make serve                      (in another terminal)
python -m benchmarks.service.request --repeats 5
"""

from __future__ import annotations

import platform
import statistics
import time
from typing import Annotated, Any

import typer
from openai import OpenAI
from rich.console import Console
from rich.progress import track
from rich.table import Table

PROMPTS = ("a woman is kicking a ball", "a boy is lifting a box", "a girl is holding a book")


def main(
    url: str = "http://127.0.0.1:8000/v1",
    candidates: int = 5,
    steps: int = 50,
    repeats: Annotated[int, typer.Option(help="requests that are timed, after one to warm up", min=1)] = 5,
) -> None:
    """Ask one request after the other and print seconds by stage."""
    client = OpenAI(base_url=url, api_key="none", timeout=300, max_retries=0)
    ask(client, 0, candidates, steps)
    runs = [ask(client, i, candidates, steps) for i in track(range(1, repeats + 1), description="requests")]
    Console().print(
        table(runs, f"k = {candidates}, T = {steps}; {platform.machine()}, {time.strftime('%F')}")
    )


def ask(client: OpenAI, index: int, candidates: int, steps: int) -> dict[str, float]:
    """Seconds by stage of one request; `total` is seen from the client."""
    body: dict[str, Any] = {"candidates": candidates, "steps": steps, "seed": 10 * index}
    start = time.perf_counter()
    answer = client.images.generate(prompt=PROMPTS[index % len(PROMPTS)], extra_body=body)
    total = time.perf_counter() - start
    extra = (answer.data or [])[0].model_extra or {}
    return {**extra["run"]["timings"], "total": total}


def table(runs: list[dict[str, float]], title: str) -> Table:
    """Median, least and most by stage."""
    shown = Table("stage", "runs", "median s", "min s", "max s", title=title)
    for stage in dict.fromkeys(stage for run in runs for stage in run):
        values = [run[stage] for run in runs if stage in run]
        numbers = (statistics.median(values), min(values), max(values))
        shown.add_row(stage, str(len(values)), *(f"{number:.2f}" for number in numbers))
    return shown


if __name__ == "__main__":
    typer.run(main)
