"""Commands, in the order in which the model is made: draw, vae, latents, unet, evaluate, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from miniature.diffusion import dataset, unet, vae
from miniature.diffusion.evaluate import evaluate_samples, evaluate_vae
from miniature.diffusion.export import export as export_folder
from miniature.diffusion.tokenizer import make_tokenizer
from miniature.diffusion.whitening import whiten
from miniature.training.pixels import to_tensor

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

CACHE = Path.home() / ".cache" / "record" / "miniature"
WEIGHTS = Path(__file__).parents[1] / "weights" / "diffusion"

Cache = Annotated[Path, typer.Option(help="where pictures, latents and checkpoints are kept")]
Minutes = Annotated[float, typer.Option(help="time to train for; longer is better")]
Threads = Annotated[int, typer.Option(help="CPU threads")]
Seed = Annotated[int, typer.Option(help="fixes pictures, first weights and batches")]
Folder = Annotated[Path, typer.Option(help="the diffusers folder")]


def _prepare(threads: int) -> None:
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)


def _vae(folder: Path) -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).to(
        memory_format=torch.channels_last
    )


@app.command()
def draw(cache: Cache = CACHE, count: int = 48_000, seed: Seed = 0, threads: Threads = 2) -> None:
    """Draw the training pictures (about 2 ms each)."""
    dataset.write(cache / "pictures", count, seed=seed, processes=threads)


@app.command("vae")
def train_vae(cache: Cache = CACHE, minutes: Minutes = 15, seed: Seed = 0, threads: Threads = 2) -> None:
    """Train the autoencoder and whiten its latents."""
    _prepare(threads)
    data = dataset.read(cache / "pictures")
    model = vae.train(data, cache / "vae_raw", minutes, seed=seed)
    whiten(model.eval(), to_tensor(data.pictures[:512])).save_pretrained(cache / "vae")


@app.command()
def latents(cache: Cache = CACHE, count: int = 24_000, threads: Threads = 2) -> None:
    """Encode the first pictures once for all."""
    _prepare(threads)
    data = dataset.read(cache / "pictures")
    torch.save(vae.encode(_vae(cache / "vae"), data, min(count, len(data))), cache / "latents.pt")


@app.command()
def polish(cache: Cache = CACHE, minutes: Minutes = 3, seed: Seed = 1, threads: Threads = 2) -> None:
    """Train the decoder on, against the cached latents."""
    _prepare(threads)
    data, coded = dataset.read(cache / "pictures"), torch.load(cache / "latents.pt")
    vae.polish(_vae(cache / "vae"), data, coded, cache / "vae_polished", minutes, seed=seed)


def _best_vae(cache: Path) -> AutoencoderKL:
    polished = cache / "vae_polished"
    return _vae(polished if polished.exists() else cache / "vae")


@app.command("unet")
def train_unet(
    cache: Cache = CACHE,
    minutes: Minutes = 65,
    seed: Seed = 0,
    threads: Threads = 1,
    folder: Folder = WEIGHTS,
) -> None:
    """Train denoiser and text encoder, going on where it stopped; exports at every checkpoint."""
    _prepare(threads)
    data, coded = dataset.read(cache / "pictures"), torch.load(cache / "latents.pt")

    def save(denoiser: Any, text: Any, tokenizer: CLIPTokenizer) -> None:
        export_folder(denoiser, text, tokenizer, _best_vae(cache), folder)

    unet.train(data, coded, cache / "unet.pt", minutes, seed=seed, on_save=save)


@app.command()
def evaluate(
    folder: Folder = WEIGHTS,
    judge: Annotated[Path, typer.Option(help="the judge's weights")] = WEIGHTS.parent / "judge",
    scale: float = 4.0,
    steps: int = 20,
    rounds: int = 2,
    threads: Threads = 1,
    sheet: Path | None = None,
    pairs: Annotated[str, typer.Option(help="frequent, rare or unseen")] = "frequent",
) -> None:
    """Print the gates: person found, object found, verb right, attention box against the object's."""
    _prepare(threads)
    evaluate_samples(folder, judge, pairs, scale=scale, steps=steps, rounds=rounds, sheet=sheet)


@app.command("evaluate-vae")
def check_vae(folder: Folder = WEIGHTS, count: int = 200, threads: Threads = 1) -> None:
    """Print the autoencoder's gate: person found on reconstructions of new drawings."""
    _prepare(threads)
    evaluate_vae(_vae(folder / "vae"), count)


@app.command()
def export(cache: Cache = CACHE, folder: Folder = WEIGHTS, seed: Seed = 0) -> None:
    """Write the folder from the latest checkpoint, with the settings that were measured best."""
    learner_tokenizer = make_tokenizer()
    torch.manual_seed(seed)
    learner = unet.Learner.fresh(learner_tokenizer)
    learner.load(cache / "unet.pt")
    denoiser, text = learner.averaged()
    export_folder(denoiser, text, learner_tokenizer, _best_vae(cache), folder)


if __name__ == "__main__":
    app()
