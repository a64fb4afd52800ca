"""`record batch`: a file of prompts into a folder of pictures, with a manifest of all that happened."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import typer

from batch.folder import Folder, State
from batch.items import Item, Shard
from batch.reading import read_prompts
from batch.work import work_off
from record_cli import batch_options as wants
from record_cli import options
from record_cli.batch_draws import Drawer, beginning, drawer
from record_cli.batch_progress import BatchProgress
from record_cli.in_process import Models
from record_cli.telling import FAILED, err, say, told


def batch(
    context: typer.Context,
    prompts: wants.Prompts,
    output: wants.Output = Path("out"),
    retry_failed: wants.RetryFailed = False,
    shard: wants.ShardOption = "1/1",
    at_once: wants.AtOnce = 4,
    cluster: wants.Cluster = None,
    workers: wants.Workers = None,
    worker_gpus: wants.WorkerGpus = None,
    block: wants.Block = 8,
    method: options.Method = None,
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
    """Draw a file of prompts into a folder, and go on with it where it was left.

    Options hold for lines that say nothing else. A prompt that cannot be drawn is a row with the reason. The
    exit status is 1 if there are such, 2 for what cannot be begun, 130 after Ctrl-C.
    """
    settings = options.settings_of(
        others, method=method, seed=seed, steps=steps, candidates=candidates, preset=preset
    )
    with told():
        wants.refuse_unused(context)
        part, items = Shard.from_text(shard), read_prompts(prompts, settings)
        models = Models(checkpoint, vlm, adapter, device, dtype)
        with err.status("looking at what draws ..."):
            who = drawer(url, api_key, at_once, models, cluster, workers, worker_gpus, block)
        with beginning():
            folder = Folder(output, who.model, part)
        with folder:
            _draw(folder, items, who, retry_failed=retry_failed)
            counts = folder.count(items)
    if counts["failed"]:
        raise typer.Exit(FAILED)


def _draw(folder: Folder, items: list[Item], who: Drawer, *, retry_failed: bool) -> None:
    """Draw what is to do, and leave a manifest whatever happens."""
    from batch import manifest

    todo = folder.todo(items, retry_failed=retry_failed)
    total = folder.count(items).total()
    try:
        if todo:
            with ExitStack() as stack:
                with err.status(f"making ready {who.model} ..."):
                    draws = stack.enter_context(who.draws(folder))
                progress = BatchProgress(err, f"by {who.model}", total, total - len(todo))
                work_off(folder, todo, draws, stack.enter_context(progress).hear)
    except KeyboardInterrupt as error:
        done = total - folder.count(items)["missing"]
        error.add_note(f"{done} of {total} prompts are done; the same command goes on from here")
        raise
    finally:
        path = manifest.write(folder.path)
        say(f"{path}: {_words(folder, items)}")


def _words(folder: Folder, items: Iterable[Item]) -> str:
    counts = folder.count(items)
    return ", ".join(f"{counts[one]} {one}" for one in get_args(State) if counts[one] or one == "finished")
