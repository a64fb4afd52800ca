"""Commands, in the order in which the model is made: draw, vae, latents, polish, unet, export, evaluate.

Then redraw, sharpen and export again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import torch
import typer
from diffusers import AutoencoderKL
from rich.progress import track

from miniature import WEIGHTS
from miniature.diffusion import dataset, evaluate, unet, vae
from miniature.diffusion.export import export as export_folder
from miniature.diffusion.learner import Learner
from miniature.diffusion.redrawing import BATCH, Redrawer
from miniature.diffusion.samples import digest_of, samples_of
from miniature.diffusion.sharpening import Redrawn, sharpen
from miniature.diffusion.tokenizer import make_tokenizer
from miniature.diffusion.whitening import whiten
from miniature.training.pixels import to_tensor
from miniature.world.bias import BIAS

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

CACHE = Path.home() / ".cache" / "record" / "miniature"

Cache = Annotated[Path, typer.Option(help="where pictures, latents and checkpoints are kept")]
Threads = Annotated[int, typer.Option(help="CPU threads")]
Made = Annotated[Path, typer.Option(help="weights as they are exported", exists=True, file_okay=False)]
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


def _best_vae(cache: Path) -> AutoencoderKL:
    polished = cache / "vae_polished"
    return _vae(polished if polished.exists() else cache / "vae")


@app.command("evaluate-vae")
def check_vae(
    cache: Cache = CACHE, count: int = 200, threads: Threads = 1, sheet: Path | None = None
) -> None:
    """Print the autoencoder's gates on new drawings: dB, and people found before and after."""
    _prepare(threads)
    evaluate.evaluate_vae(_best_vae(cache), count, sheet=sheet)


@app.command()
def latents(
    cache: Cache = CACHE,
    count: Annotated[int, typer.Option(help="pictures in all; those encoded before are kept")] = 24_000,
    threads: Threads = 1,
) -> None:
    """Encode the first pictures once for all (about 40 a second)."""
    _prepare(threads)
    data, path = dataset.read(cache / "pictures"), cache / "latents.pt"
    done = torch.load(path) if path.exists() else torch.empty(0, 4, 32, 32, dtype=torch.float16)
    more = vae.encode(_vae(cache / "vae"), data, len(done), min(count, len(data)) - len(done))
    torch.save(torch.cat([done, more]), path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


@app.command()
def polish(
    cache: Cache = CACHE,
    minutes: Annotated[float, typer.Option(help="time to train for")] = 20,
    seed: Seed = 1,
    threads: Threads = 1,
) -> None:
    """Train the decoder on against the cached latents, at any time; later exports take it."""
    _prepare(threads)
    data, coded = dataset.read(cache / "pictures"), torch.load(cache / "latents.pt")
    vae.polish(_best_vae(cache), data, coded, cache / "vae_polished", minutes, seed=seed)


@app.command()
def redraw(
    folder: Annotated[Path, typer.Argument(help="an exported checkpoint")],
    cache: Cache = CACHE,
    count: Annotated[int, typer.Option(help="latents, after those that are never trained on")] = 1600,
    seed: Seed = 0,
    threads: Threads = 1,
) -> None:
    """Draw cached latents again as this checkpoint would have, for `sharpen` (about four a second)."""
    _prepare(threads)
    rows = torch.arange(unet.HELD_OUT, unet.HELD_OUT + count)
    coded, captions = torch.load(cache / "latents.pt")[rows], dataset.read(cache / "pictures").captions(None)
    some = Redrawer.of(folder).latents(coded, [captions[row] for row in rows], seed)
    made = torch.cat(list(track(some, "redraw", total=-(-count // BATCH))))
    torch.save({"rows": rows, "latents": made}, cache / "redrawn.pt")


@app.command("sharpen")
def train_sharp(
    cache: Cache = CACHE,
    minutes: Annotated[float, typer.Option(help="time to train for")] = 30,
    seed: Seed = 1,
    threads: Threads = 1,
) -> None:
    """Train the decoder on with what `redraw` drew, after `polish`; later exports take it."""
    _prepare(threads)
    data, coded = dataset.read(cache / "pictures"), torch.load(cache / "latents.pt")
    redrawn = Redrawn(**torch.load(cache / "redrawn.pt"))
    sharpen(_best_vae(cache), data, coded, redrawn, cache / "vae_polished", minutes, seed=seed)


@app.command("unet")
def train_unet(
    cache: Cache = CACHE,
    minutes: Annotated[float, typer.Option(help="most minutes of this run; goes on where it stopped")] = 720,
    cooling: Annotated[
        bool, typer.Option("--cooling", help="branch off: let the rate fall to nothing, into unet_cooled.pt")
    ] = False,
    new_data: Annotated[bool, typer.Option("--new-data", help="go on with other pictures or bias")] = False,
    start: Annotated[Path | None, typer.Option(help="begin with an exported folder's weights")] = None,
    seed: Seed = 0,
    threads: Threads = 1,
) -> None:
    """Train denoiser and text encoder; SIGTERM saves and ends. Log: unet.jsonl, process: unet.pid."""
    _prepare(threads)
    torch.manual_seed(seed)
    data, coded, tokenizer = (
        dataset.read(cache / "pictures"),
        torch.load(cache / "latents.pt"),
        make_tokenizer(),
    )
    captions = data.captions(BIAS)
    samples, digest = samples_of(data, coded, captions, tokenizer), digest_of(coded, captions, BIAS)
    learner, checkpoint = Learner.fresh(tokenizer), cache / "unet.pt"
    if checkpoint.exists():
        learner.load(checkpoint, None if new_data else digest)
    elif cooling:
        raise typer.BadParameter(f"nothing to cool down: {checkpoint} does not exist")
    else:
        if start is not None:
            learner.start_from(start)
        unet.choose_precision(learner, samples)
    target = cache / "unet_cooled.pt" if cooling else checkpoint
    target.with_suffix(".pid").write_text(f"{os.getpid()}\n")
    unet.train(learner, samples, target, unet.Plan(minutes, cooling), data=digest)


@app.command()
def export(
    cache: Cache = CACHE,
    folder: Annotated[Path | None, typer.Option(help="the diffusers folder; CACHE/export by default")] = None,
    cooled: Annotated[bool, typer.Option(help="from the cooled branch; else the flat run's means")] = False,
    start: Annotated[
        Path | None, typer.Option(help="the denoiser of an exported folder, with our VAE")
    ] = None,
) -> None:
    """Write an ordinary diffusers folder in half precision from a checkpoint's moving means."""
    learner = Learner.fresh(make_tokenizer())
    if start is not None:
        learner.start_from(start)
    else:
        learner.load(cache / ("unet_cooled.pt" if cooled else "unet.pt"), None)
    denoiser, text = learner.copies()
    target = folder or cache / "export"
    export_folder(denoiser, text, learner.tokenizer, _best_vae(cache), target)
    print(f"step {learner.step}, {learner.spent / 60:.0f} minutes of training: {target}", flush=True)


@app.command("evaluate")
def check(
    folder: Made = WEIGHTS / "diffusion",
    judge: Made = WEIGHTS / "judge",
    rounds: Annotated[int, typer.Option(help="pictures of every pair and of every verb alone")] = 1,
    steps: int = 25,
    scale: float = 4.0,
    threads: Threads = 1,
    sheet: Annotated[Path | None, typer.Option(help="folder for sheets of what was drawn")] = None,
) -> None:
    """Print what plain sampling gets right, frequent, rare, unseen and verbs alone, and tables by word."""
    _prepare(threads)
    asked = evaluate.Asked(rounds, steps, scale)
    evaluate.evaluate_samples(folder, judge, asked, sheet=sheet)


if __name__ == "__main__":
    app()
