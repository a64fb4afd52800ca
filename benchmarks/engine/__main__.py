"""The engine against a straightforward implementation, side by side on the same weights and noise.

python -m benchmarks.engine
python -m benchmarks.engine --only request,memory
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.engine import gpu, load, memory, pace, profile, request, sizes
from benchmarks.machine import machine
from miniature import WEIGHTS
from record.backbone import Backbone
from record.settings import Settings
from record.types import Precision


def main(
    only: Annotated[
        str,
        typer.Option(help="of request, memory, sizes, pace, load, profile and, on CUDA, gpu; or all"),
    ] = "",
    checkpoint: Annotated[Path, typer.Option()] = WEIGHTS / "diffusion",
    steps: Annotated[int, typer.Option(min=2)] = 50,
    repeats: Annotated[int, typer.Option(help="of the request, after a warm-up", min=1)] = 3,
    requests: Annotated[int, typer.Option(help="requests at every load", min=20)] = 60,
    device: Annotated[str, typer.Option()] = "cpu",
    dtype: Annotated[Precision, typer.Option(help="what our engine's networks work in")] = "auto",
) -> None:
    """Print the tables."""
    backbone = Backbone.from_pretrained(checkpoint, device, dtype)
    both = list({b.dtype: b for b in (Backbone.from_pretrained(checkpoint, device), backbone)}.values())
    settings = Settings.build({"steps": steps}, backbone.facts.defaults)
    parts: dict[str, Callable[[], Table]] = {
        "request": lambda: request.table(both, steps=steps, repeats=repeats),
        "memory": memory.table,
        "sizes": sizes.table,
        "pace": lambda: pace.table(backbone),
        "load": lambda: load.table(backbone, requests),
        "profile": lambda: profile.table(backbone, settings),
    }
    if backbone.device.type == "cuda":
        parts["gpu"] = lambda: gpu.table(device, steps)
    console = Console(width=110)
    for name in [part.strip() for part in only.split(",") if part.strip()] or parts:
        if name not in parts:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(parts)}", param_hint="--only")
        with console.status(f"measuring {name}"):
            made = parts[name]()
        console.print(made)
    console.print(f"{machine()}; {time.strftime('%F')}")


if __name__ == "__main__":
    typer.run(main)
