"""Commands: train the judge, and measure it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from diffusers import AutoencoderKL

from miniature import WEIGHTS
from miniature.judge import labelled
from miniature.judge.evaluate import GATE, GROUPS, held_out, measure
from miniature.judge.judge import Judge
from miniature.judge.samples import draw_samples
from miniature.judge.train import train as train_judge
from miniature.training.augment import soften

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

Folder = Annotated[Path, typer.Option(help="the judge's weights")]
Autoencoder = Annotated[Path, typer.Option(help="diffusers folder of the autoencoder that softens drawings")]
Threads = Annotated[int, typer.Option(help="CPU threads")]


def _vae(folder: Path) -> AutoencoderKL:
    vae = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32)
    return vae.to(memory_format=torch.channels_last)


def _prepare(threads: int) -> None:
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


@app.command()
def train(
    folder: Folder = WEIGHTS / "judge",
    autoencoder: Autoencoder = WEIGHTS / "diffusion" / "vae",
    count: Annotated[int, typer.Option(help="drawings")] = 16_000,
    softened: Annotated[int, typer.Option(help="of these, softened by the autoencoder")] = 1_500,
    minutes: Annotated[float, typer.Option(help="time to train for, after drawing")] = 8,
    seed: int = 21,
    threads: Threads = 1,
) -> None:
    """Draw the samples, train, and save the weights."""
    _prepare(threads)
    data = draw_samples(count, softened, _vae(autoencoder), seed=seed, processes=threads)
    train_judge(data, softened, minutes, seed=seed).save_pretrained(folder)


@app.command()
def evaluate(
    folder: Folder = WEIGHTS / "judge",
    autoencoder: Autoencoder = WEIGHTS / "diffusion" / "vae",
    rounds: Annotated[int, typer.Option(help="drawings of every pair")] = 6,
    seed: int = 31,
    threads: Threads = 1,
) -> None:
    """Print the figures on fresh drawings, clean and softened; exit code 1 below the gate."""
    _prepare(threads)
    judge = Judge.from_pretrained(folder)
    for group in GROUPS:
        print(f"{group}: {measure(judge, held_out(rounds, seed=seed, group=group))}", flush=True)
    drawings = held_out(rounds, seed=seed)
    clean = measure(judge, drawings)
    print(f"all: {clean}", flush=True)
    some = held_out(2, seed=seed + 1)
    soft = soften(_vae(autoencoder), np.stack([drawing.image for drawing in some]), seed=seed)
    print(f"softened by the autoencoder: {measure(judge, some, soft)}", flush=True)
    if clean.both < GATE:
        raise typer.Exit(1)


@app.command("labelled")
def check_labelled(folder: Folder = WEIGHTS / "judge", threads: Threads = 1) -> None:
    """Print how far the judge agrees with somebody who looked at 200 generated pictures."""
    _prepare(threads)
    print(labelled.agreement(Judge.from_pretrained(folder)), flush=True)


if __name__ == "__main__":
    app()
