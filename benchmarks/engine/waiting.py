"""How OpenMP's workers should wait for one another: a UNet call alone, and beside other busy processes.

python -m benchmarks.engine.waiting
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.machine import machine
from miniature import WEIGHTS

DEFAULT = "GNU's own"
CALL = """
import sys, time, torch
from diffusers import UNet2DConditionModel
threads, rows, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
torch.set_num_threads(threads)
unet = UNet2DConditionModel.from_pretrained(sys.argv[4], torch_dtype=torch.float32).eval()
latents, times, text = torch.randn(rows, 4, 32, 32), torch.full((rows,), 500), torch.randn(rows, 20, 128)
with torch.no_grad():
    unet(latents, times, text)
    start, calls = time.perf_counter(), 0
    while calls == 0 or time.perf_counter() - start < seconds:
        unet(latents, times, text)
        calls += 1
print((time.perf_counter() - start) / calls)
"""
BUSY = "while True: pass"


def main(
    rows: Annotated[int, typer.Option(help="rows of a UNet call")] = 2,
    seconds: Annotated[float, typer.Option(help="how long each cell is measured, after a first call")] = 3.0,
    busy: Annotated[int, typer.Option(help="other processes that never rest, in the second column")] = 4,
) -> None:
    """Print milliseconds a UNet call by GOMP_SPINCOUNT, alone and beside busy processes."""
    ways = [(DEFAULT, 2), ("10000", 2), ("3000", 2), ("1000", 2), ("0", 2), (DEFAULT, 1)]
    table = Table(
        "GOMP_SPINCOUNT", "threads", "alone", f"beside {busy} busy", title=f"ms a call, {machine()}"
    )
    for spins, threads in track(ways, console=Console(stderr=True)):
        cells = []
        for others in (0, busy):
            with _busy(others):
                cells.append(f"{1000 * _call(spins, threads, rows, seconds):.0f}")
        table.add_row(spins, str(threads), *cells)
    Console().print(table)


def _call(spins: str, threads: int, rows: int, seconds: float) -> float:
    """Seconds a call in a process of its own: the variable is read when torch is loaded."""
    env = {**os.environ, "GOMP_SPINCOUNT": spins}
    if spins == DEFAULT:
        del env["GOMP_SPINCOUNT"]
    arguments = (str(threads), str(rows), str(seconds), str(WEIGHTS / "diffusion" / "unet"))
    done = subprocess.run(
        [sys.executable, "-c", CALL, *arguments], env=env, capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


@contextmanager
def _busy(count: int) -> Iterator[None]:
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


if __name__ == "__main__":
    typer.run(main)
