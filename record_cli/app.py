"""The commands: `generate`, `compare` and `batch` draw, `plan` sizes a fleet, remembered.py looks back."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from record_cli import options, remembered
from record_cli.asking import Ask
from record_cli.batching import batch
from record_cli.compare import draw_tiles, grid
from record_cli.in_process import LocalPainter, Models
from record_cli.painter import Drawn, Painter
from record_cli.planning import plan
from record_cli.progress import StoryProgress
from record_cli.telling import FAILED, err, out, save, told, trace

app = typer.Typer(
    help="Pictures of people doing something with an object, in which pose and object agree with the verb.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
)
for command in (remembered.runs, remembered.show, remembered.correct, batch, plan):
    app.command()(command)


@app.callback(invoke_without_command=True)
def main(show: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Print the version, or go on to a command."""
    if show:
        out.print(f"record {version('record-serve')}", highlight=False)
        raise typer.Exit


@app.command()
def generate(
    prompt: options.Prompt,
    output: options.Output = Path("out.png"),
    show_trace: options.ShowTrace = False,
    method: options.Method = None,
    box: options.BoxOption = None,
    triplet: options.TripletOption = None,
    seed: options.Seed = None,
    steps: options.Steps = None,
    candidates: options.Candidates = None,
    preset: options.Preset = None,
    others: options.Others = None,
    url: options.Url = None,
    api_key: options.ApiKey = None,
    checkpoint: options.Checkpoint = None,
    vlm: options.Vlm = None,
    adapter: options.Adapter = None,
    device: options.Device = None,
    dtype: options.Dtype = None,
) -> None:
    """Draw one picture.

    The exit status is 2 for what cannot be drawn as it was asked for, 1 where drawing failed. Ctrl-C stops
    a service's run as well.
    """
    settings = options.settings_of(
        others, method=method, seed=seed, steps=steps, candidates=candidates, preset=preset
    )
    with told():
        ask = Ask(prompt, box, triplet, settings)
        painter = _ready(_painter(url, api_key, Models(checkpoint, vlm, adapter, device, dtype)), ask)
        with StoryProgress(err, f"drawing by {painter.name}") as progress:
            drawn = painter.draw(ask, progress.on_event)
        save(drawn.image, output)
    if show_trace:
        trace(drawn, output.with_suffix(".trace.png"))


@app.command()
def compare(
    prompts: options.Prompts,
    output: options.Output = Path("grid.png"),
    methods: options.Methods = None,
    seeds: options.Seeds = 1,
    box: options.BoxOption = None,
    triplet: options.TripletOption = None,
    seed: options.Seed = None,
    steps: options.Steps = None,
    candidates: options.Candidates = None,
    preset: options.Preset = None,
    others: options.Others = None,
    url: options.Url = None,
    api_key: options.ApiKey = None,
    checkpoint: options.Checkpoint = None,
    vlm: options.Vlm = None,
    adapter: options.Adapter = None,
    device: options.Device = None,
    dtype: options.Dtype = None,
) -> None:
    """Draw prompts by several methods, as a grid; a method that fails is a grey tile that says why."""
    settings = options.settings_of(others, steps=steps, candidates=candidates, preset=preset)
    first = int(settings.pop("seed", 0)) if seed is None else seed
    with told():
        cannot = [] if url else options.not_drawn_here(has_adapter=adapter is not None)
        names = options.method_names(methods, cannot=cannot)
        asks = [Ask(prompt, box, triplet, settings) for prompt in prompts]
        painter = _painter(url, api_key, Models(checkpoint, vlm, adapter, device, dtype))
        for ask in asks:
            _ready(painter, ask)
        drawing = draw_tiles(painter, asks, names, range(first, first + seeds))
        total = len(asks) * len(names) * seeds
        tiles = list(track(drawing, f"drawing by {painter.name}", total, console=err))
        save(grid(tiles), output)
    if not any(isinstance(tile.outcome, Drawn) for tile in tiles):
        raise typer.Exit(FAILED)


def _painter(url: str | None, api_key: str | None, models: Models) -> Painter:
    """A service's client, or this process."""
    if url:
        models.refuse_a_service()
        from record_cli.remote import RemotePainter

        return RemotePainter(url, api_key)
    return LocalPainter(models)


def _ready(painter: Painter, ask: Ask) -> Painter:
    with err.status("loading the models ..."):
        painter.prepare(ask)
    return painter
