"""The options that `batch` alone has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from record.errors import InputError

SHARED = "How the work is shared"

Prompts = Annotated[
    Path, typer.Argument(help=".csv, .tsv, .jsonl: column prompt and any setting; .txt: a prompt a line")
]
Output = Annotated[
    Path, typer.Option("--output", "-o", help="folder of pictures and manifest; an old one is gone on with")
]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="draw failed prompts again")]
ShardOption = Annotated[
    str,
    typer.Option(
        metavar="I/N", help="only part I of N: for N processes that share the folder", rich_help_panel=SHARED
    ),
]
AtOnce = Annotated[int, typer.Option(min=1, help="with --url: pictures under way", rich_help_panel=SHARED)]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="draw by a Ray cluster: its address, auto, or local for this machine",
        rich_help_panel=SHARED,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, help="with --cluster: most workers; as many as it holds if left out", rich_help_panel=SHARED
    ),
]
WorkerGpus = Annotated[
    float | None,
    typer.Option(
        min=0, help="with --cluster: GPUs of a worker; 1 with --device cuda", rich_help_panel=SHARED
    ),
]
Block = Annotated[
    int, typer.Option(min=1, help="with --cluster: prompts drawn between commits", rich_help_panel=SHARED)
]

USED_WITH = {
    "api_key": "url",
    "at_once": "url",
    "workers": "cluster",
    "worker_gpus": "cluster",
    "block": "cluster",
}
"""Options that only one way of drawing uses, and the option that chooses it."""


def refuse_unused(context: typer.Context) -> None:
    """InputError for an option of the command line that would change nothing; the environment's may stay."""
    for name, chosen_by in USED_WITH.items():
        source = context.get_parameter_source(name)
        if source and source.name == "COMMANDLINE" and not context.params[chosen_by]:
            secret = name == "api_key"
            given = f"--{name.replace('_', '-')}" + ("" if secret else f" {context.params[name]}")
            raise InputError(
                f"{given} is used with --{chosen_by} alone: leave it out, or give that", param=name
            )
