"""Commands: train the judge of the next world, and measure it on drawings it has not seen."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from diffusers import AutoencoderKL

from miniature.judge import Judge
from miniature.judge.train import train as train_judge
from miniature.next.diffusion.evaluate import GROUPS, reduced
from miniature.next.judge.samples import draw_samples, soften
from miniature.next.world import draw

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

CACHE = Path.home() / ".cache" / "record" / "next"

Cache = Annotated[Path, typer.Option(help="where the autoencoder lies and the judge goes")]
Threads = Annotated[int, typer.Option(help="CPU threads")]


def _prepare(cache: Path, threads: int) -> AutoencoderKL:
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    vae = AutoencoderKL.from_pretrained(cache / "vae", torch_dtype=torch.float32)
    return vae.to(memory_format=torch.channels_last)


@app.command()
def train(
    cache: Cache = CACHE,
    count: Annotated[int, typer.Option(help="drawings")] = 16_000,
    softened: Annotated[int, typer.Option(help="of these, softened by the autoencoder")] = 1_500,
    minutes: Annotated[float, typer.Option(help="time to train for, after drawing")] = 8,
    seed: int = 21,
    threads: Threads = 1,
) -> None:
    """Draw the samples, train, and save the weights."""
    data = draw_samples(count, softened, _prepare(cache, threads), seed=seed, processes=threads)
    train_judge(data, softened, minutes, seed=seed).save_pretrained(cache / "judge")


@app.command()
def evaluate(
    cache: Cache = CACHE,
    rounds: Annotated[int, typer.Option(help="drawings of every pair and verb")] = 6,
    seed: int = 31,
    threads: Threads = 1,
) -> None:
    """Print how often verb and object are named right on fresh drawings, clean and softened."""
    vae, judge = _prepare(cache, threads), Judge.from_pretrained(cache / "judge")
    for name, pairs in GROUPS.items():
        rng = random.Random(f"held out/{seed}/{name}")
        drawings = [
            draw(rng, verb=v, object=t or None, kind=None if t else "pose") for v, t in pairs * rounds
        ]
        pictures = np.stack([drawing.image for drawing in drawings])
        for how, seen in (("clean", pictures), ("softened", soften(vae, pictures, seed=seed))):
            verdicts = list(zip(judge.look(reduced(seen)), drawings, strict=True))
            verb = np.mean([verdict.verb == truth.verb for verdict, truth in verdicts])
            thing = np.mean([verdict.object == truth.object for verdict, truth in verdicts])
            ious = [
                box.iou(truth.object_box) if (box := verdict.box(truth.object)) else 0.0
                for verdict, truth in verdicts
                if truth.object_box
            ]
            iou = f", box IoU {np.mean(ious):.2f}" if ious else ""
            print(f"{name:9} {how:9} verb {verb:.1%}, object {thing:.1%}{iou} ({len(verdicts)})", flush=True)


if __name__ == "__main__":
    app()
