"""Where a step's time goes, by part.

python -m benchmarks.engine.profile
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any
from unittest.mock import patch

import torch
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.engine.request import ours
from benchmarks.machine import machine
from miniature import WEIGHTS
from record.backbone import Backbone, attention
from record.engine import step as steps
from record.engine.engine import Engine
from record.settings import Settings
from record.types import Precision

UNET, BACKWARD, DECODE = "UNet forward", "UNet backward", "decode"
INSIDE = (UNET, BACKWARD)


class Stopwatch:
    """Seconds by part; a part's time does not count for the parts around it."""

    def __init__(self, device: torch.device) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._device, self._inner = device, [0.0]

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what happens inside the block, without the parts inside it."""
        start = self._now()
        self._inner.append(0.0)
        try:
            yield
        finally:
            taken = self._now() - start
            self.seconds[name] += taken - self._inner.pop()
            self._inner[-1] += taken

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, timed as `name`."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return function(*args, **kwargs)

        return timed

    def _now(self) -> float:
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return time.perf_counter()


def profile(engine: Engine, settings: Settings) -> dict[str, float]:
    """Seconds by part of one request: k candidates, then the correction."""
    backbone = engine.backbone
    watch = Stopwatch(backbone.device)
    targets = [
        (backbone.unet, "forward", UNET),
        (torch.autograd, "grad", BACKWARD),
        (attention, "edited", "attention edits"),
        (steps, "guide", "guidance"),
        (steps, "denoise", "rows and maps"),
        (steps, "update", "DDIM"),
        (Engine, "_schedule", "schedule"),
        (Engine, "_candidate", DECODE),
    ]
    with ExitStack() as stack:
        for owner, name, part in targets:
            stack.enter_context(patch.object(owner, name, watch.wrap(part, getattr(owner, name))))
        with watch.part("everything else"):
            ours(engine, settings)
    return dict(watch.seconds)


def outside_share(seconds: dict[str, float]) -> float:
    """Share of the time outside the UNet's forward and backward; decoding is a model too and left out."""
    counted = {name: taken for name, taken in seconds.items() if name != DECODE}
    return 1 - sum(counted[name] for name in INSIDE) / sum(counted.values())


def table(backbone: Backbone, settings: Settings) -> Table:
    """Milliseconds by part and their share, largest first; the last row is what lies outside the UNet."""
    engine = Engine(backbone)
    ours(engine, settings)  # warms up
    seconds = profile(engine, settings)
    total = sum(seconds.values())
    title = f"k = {settings.candidates}, {settings.steps} steps, {backbone.dtype}"
    result = Table("part", "ms", "share", title=title)
    for name, taken in sorted(seconds.items(), key=lambda item: -item[1]):
        result.add_row(name, f"{1000 * taken:.0f}", f"{taken / total:.1%}")
    result.add_section()
    result.add_row("outside the UNet, decoding aside", "", f"{outside_share(seconds):.1%}")
    return result


def main(
    checkpoint: Annotated[Path, typer.Option()] = WEIGHTS / "diffusion",
    steps: Annotated[int, typer.Option(min=2)] = 50,
    device: Annotated[str, typer.Option()] = "cpu",
    dtype: Annotated[Precision, typer.Option()] = "auto",
) -> None:
    """Print the profile of one request."""
    backbone = Backbone.from_pretrained(checkpoint, device, dtype)
    Console().print(table(backbone, Settings.build({"steps": steps}, backbone.facts.defaults)))
    Console().print(f"{machine()}; {time.strftime('%F')}")


if __name__ == "__main__":
    typer.run(main)
