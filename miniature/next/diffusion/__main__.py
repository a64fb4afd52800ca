"""Commands, in the order in which the model is made: draw, vae, latents, unet, export, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer
from diffusers import AutoencoderKL

from miniature.diffusion.vae import to_tensor
from miniature.diffusion.whitening import whiten
from miniature.next.diffusion import dataset, vae

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

CACHE = Path.home() / ".cache" / "record" / "next"

Cache = Annotated[Path, typer.Option(help="where pictures, latents and checkpoints are kept")]
Threads = Annotated[int, typer.Option(help="CPU threads")]
Seed = Annotated[int, typer.Option(help="fixes pictures, first weights and batches")]


def _prepare(threads: int) -> None:
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def _vae(folder: Path) -> AutoencoderKL:
    model = AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32)
    return model.to(memory_format=torch.channels_last)


@app.command()
def draw(cache: Cache = CACHE, count: int = 40_000, seed: Seed = 0, threads: Threads = 2) -> None:
    """Draw the training pictures (about 3 ms and 0.2 MB each)."""
    dataset.write(cache / "pictures", count, seed=seed, processes=threads)


@app.command("vae")
def train_vae(
    cache: Cache = CACHE,
    minutes: Annotated[float, typer.Option(help="time to train for; longer is better")] = 22,
    seed: Seed = 0,
    threads: Threads = 1,
) -> None:
    """Train the autoencoder and whiten its latents."""
    _prepare(threads)
    data = dataset.read(cache / "pictures")
    model = vae.train(data, cache / "vae_raw", minutes, seed=seed)
    whiten(model.eval(), to_tensor(data.pictures[:512])).save_pretrained(cache / "vae")


if __name__ == "__main__":
    app()
