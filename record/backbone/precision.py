"""The precision a checkpoint's networks work in; latents, maps and losses are float32 throughout.

On a processor "auto" is what was measured to be faster, once for every kind of processor, torch, number of
threads and size of network: which of the two it is, no processor's flags tell.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.resnet import ResnetBlock2D

from record.cache import cache_folder
from record.types import Precision

MARGIN = 0.9
"""bfloat16 is taken if it needs at most this share of float32's time."""
BUDGET_S = 0.2
ROWS, HEAD = 4, 32
MOST_CHANNELS = 192
"""More would take longer to measure than it is worth."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Layers:
    """The layers that are timed: their channels, and the cells a side of what they work on."""

    channels: int
    cells: int


@dataclass(frozen=True)
class Choice:
    """What "auto" came to, and the milliseconds it goes by."""

    dtype: str
    float32_ms: float
    bfloat16_ms: float


Clock = Callable[[torch.dtype, Layers], Callable[[], float]]
"""From a dtype and the layers to what tells the seconds of one pass."""


def torch_dtype(dtype: Precision | torch.dtype, device: str, layers: Layers) -> torch.dtype:
    """The dtype of that name; "auto" is bfloat16 where it is faster, else float32.

    A CUDA device is asked whether it has bfloat16; a processor is measured by its work on `layers`.
    """
    if isinstance(dtype, torch.dtype):
        return dtype
    place = torch.device(device)
    if dtype == "auto" and place.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    name: str = dtype
    if dtype == "auto":
        name = _measured(layers, torch.get_num_threads()).dtype if place.type == "cpu" else "float32"
    named: torch.dtype = getattr(torch, name)
    return named


@cache
def _measured(layers: Layers, threads: int) -> Choice:
    choice = measured(layers, f"{processor()}, {threads} threads", cache_folder() / "precision", stopwatch)
    log.info(
        "auto precision: %s (float32 %.2f ms, bfloat16 %.2f ms)",
        choice.dtype, choice.float32_ms, choice.bfloat16_ms,
    )  # fmt: skip
    return choice


def measured(layers: Layers, machine: str, folder: Path, clock: Clock) -> Choice:
    """The faster dtype by `clock`, or what `folder` says was found on this machine before.

    So that pictures do not change from one run to the next, the first finding stays.
    """
    size = f"{layers.channels} channels, {layers.cells} cells"
    key = f"{machine}, {size}, torch {torch.__version__}"
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
    if (known := _read(path)) is not None:
        return known
    exact, short = _least(layers, clock)
    name = "bfloat16" if short <= MARGIN * exact else "float32"
    choice = Choice(name, round(1000 * exact, 4), round(1000 * short, 4))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            json.dump({"machine": key, **asdict(choice)}, file, indent=2)
    except FileExistsError:  # another process was first
        return _read(path) or choice
    except OSError as error:
        log.warning("cannot keep the measured precision in %s: %s", folder, error)
    return choice


def _read(path: Path) -> Choice | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Choice(found["dtype"], found["float32_ms"], found["bfloat16_ms"])
    except (OSError, ValueError, KeyError):
        return None


def _least(layers: Layers, clock: Clock) -> tuple[float, float]:
    """Least seconds of float32 and of bfloat16 in turn: what disturbs a run only makes it longer."""
    in_float32, in_bfloat16 = (clock(dtype, layers) for dtype in (torch.float32, torch.bfloat16))
    exact, short = [in_float32()], [in_bfloat16()]
    began = time.monotonic()
    while len(exact) < 3 or (time.monotonic() - began < BUDGET_S and len(exact) < 50):
        exact.append(in_float32())
        short.append(in_bfloat16())
    return min(exact), min(short)


def stopwatch(dtype: torch.dtype, layers: Layers) -> Callable[[], float]:
    """What times a pass through one residual and one transformer block, as a UNet's upward half has them."""
    channels = -(-min(layers.channels, MOST_CHANNELS) // HEAD) * HEAD
    convolved = ResnetBlock2D(in_channels=2 * channels, out_channels=channels, temb_channels=None).to(dtype)
    attended = BasicTransformerBlock(channels, channels // HEAD, HEAD).to(dtype)
    picture = torch.ones(ROWS, 2 * channels, layers.cells, layers.cells, dtype=dtype)

    @torch.no_grad()
    def timed() -> float:
        start = time.perf_counter()
        attended(convolved(picture, None).flatten(2).transpose(1, 2))
        return time.perf_counter() - start

    return timed


def processor() -> str:
    """The processor's name and how many of its cores there are."""
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores"
