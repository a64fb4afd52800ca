"""Train and judge the small vision-language model: `python -m miniature.vlm --help`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import torch
import typer

from miniature.diffusion.redrawing import Redrawer
from miniature.vlm import drawings, evaluate, features, generated, greedy, model, tokenizer, tower, train
from miniature.vlm.export import WEIGHTS
from miniature.vlm.export import export as write

CACHE = Path.home() / ".cache" / "record" / "miniature"
Folder = Annotated[Path, typer.Option(help="in the cache of training state")]
Diffusion = Annotated[Path, typer.Option(help="diffusion model that draws a share of the pictures again")]
Start = Annotated[Path | None, typer.Option(help="begin with an exported folder's weights")]
Minutes = Annotated[float, typer.Option(help="wall clock")]
Threads = Annotated[int, typer.Option(help="CPU threads of torch")]

app = typer.Typer(add_completion=False, help=__doc__)


def _threads(count: int) -> None:
    torch.set_num_threads(count)
    torch.set_flush_denormal(True)


@app.command("tower")
def train_tower(
    minutes: Minutes = 22,
    threads: Threads = 1,
    count: Annotated[int, typer.Option(help="drawings to learn from")] = 14000,
    cache: Folder = CACHE / "vlm",
    diffusion: Diffusion = WEIGHTS.parent / "diffusion",
    start: Start = None,
) -> None:
    """Stage 1: teach the vision tower to see (seed 1; held out: 1000 drawings of seed 2)."""
    _threads(threads)
    cache.mkdir(parents=True, exist_ok=True)
    redrawer = Redrawer.of(diffusion)
    learnt, held_out = (
        drawings.album(cache / "tower", count, 1, redrawer),
        drawings.album(cache / "tower_held_out", 1000, 2, redrawer),
    )
    first = None if start is None else model.read(start).model.vision_model.state_dict()
    tower.train(learnt, held_out, minutes * 60, cache / "tower.pt", first)


@app.command("train")
def train_text(
    minutes: Minutes = 34,
    threads: Threads = 1,
    count: Annotated[int, typer.Option(help="scenes to learn from")] = 3500,
    cache: Folder = CACHE / "vlm",
    diffusion: Diffusion = WEIGHTS.parent / "diffusion",
    weights: Annotated[Path, typer.Option(help="folder that is exported at every save")] = WEIGHTS,
    start: Start = None,
) -> None:
    """Stage 2: teach connector and decoder the three tasks (scenes of seed 11; held out: 300 of seed 12)."""
    _threads(threads)
    torch.manual_seed(0)
    words = tokenizer.build()
    network = model.build(words)
    if start is not None:
        model.begin_with(network, words, start)
    teacher = tower.Teacher()
    teacher.load_state_dict(torch.load(cache / "tower.pt", weights_only=True)["teacher"])
    network.model.vision_model.load_state_dict(teacher.tower.state_dict())
    redrawer = Redrawer.of(diffusion)
    pool, held_out = (
        features.pool(cache, "scenes", count, 11, redrawer),
        features.pool(cache, "held_out", 300, 12, redrawer),
    )
    seen, seen_held_out = (
        features.features(teacher, pool.shots, 0),
        features.features(teacher, held_out.shots, 1),
    )
    coder = train.Coder(words)

    def report(spent: float) -> None:
        write(network, words, weights)
        found = greedy.score(network, coder, held_out, seen_held_out)
        print(f"after {spent / 60:.1f} min: {found}", flush=True)

    report(0)
    train.train(
        network, words, pool, seen, seconds=minutes * 60, checkpoint=cache / "text.pt", on_save=report
    )


@app.command("export")
def export_checkpoint(cache: Folder = CACHE / "vlm", weights: Path = WEIGHTS) -> None:
    """Write the last checkpoint of stage 2 as a folder for transformers and vLLM."""
    words = tokenizer.build()
    network = model.build(words)
    network.load_state_dict(train.read(cache / "text.pt", words)["model"])
    write(network, words, weights)


@app.command("evaluate")
def evaluate_held_out(
    weights: Path = WEIGHTS,
    count: Annotated[int, typer.Option(help="tasks of each kind")] = 100,
    vllm: Annotated[bool, typer.Option(help="answer with vLLM instead of transformers")] = False,
    cache: Folder = CACHE / "vlm",
    threads: Threads = 1,
) -> None:
    """Score held-out tasks as the service asks them: PNG pictures, JSON schema, greedy."""
    _threads(threads)
    pool = features.pool(cache, "held_out", 300, 12)
    found = asyncio.run(evaluate.evaluate(evaluate.chat(weights, vllm), pool, count))
    print(found)
    raise typer.Exit(0 if found.passed else 1)


@app.command("generated")
def judge_generated(
    weights: Path = WEIGHTS,
    diffusion: Path = WEIGHTS.parent / "diffusion",
    judge: Annotated[Path, typer.Option(help="the judge's weights")] = WEIGHTS.parent / "judge",
    count: Annotated[int, typer.Option(help="sentences, five candidates each")] = 40,
    steps: Annotated[int, typer.Option(help="of denoising")] = 20,
    threads: Threads = 1,
) -> None:
    """Measure choosing and judging on pictures of the small diffusion model."""
    _threads(threads)
    sampler, critic = generated.load(diffusion, judge)
    chat = evaluate.chat(weights, False)
    for name, pairs in generated.PAIRS.items():
        print(name, asyncio.run(generated.gain(chat, sampler, critic, pairs, count, steps)), flush=True)


if __name__ == "__main__":
    app()
