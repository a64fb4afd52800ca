"""The options of the commands, each written once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

import typer

from record.geometry import Box
from record.reading.prompt import Triplet
from record.traits import find, hint, names
from record.types import Precision
from record_cli.asking import read_box, read_settings, read_triplet
from record_client.told import RunStatus

METHODS: tuple[str, ...] = names()
FORMATS = (".png", ".jpg", ".jpeg", ".webp")
DRAWING, MODELS = "What is drawn", "Who draws"


def _is_picture(path: Path) -> Path:
    if path.suffix.lower() not in FORMATS:
        raise typer.BadParameter(f"{str(path)!r} must end in {', '.join(FORMATS)}")
    return path


def _are_methods(text: str | None) -> str | None:
    unknown = [name for name in method_names(text) if name not in METHODS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]!r} is not a method: {hint(unknown[0])}")
    return text


Prompt = Annotated[str, typer.Argument(help='who does what with what: "a woman is kicking a ball"')]
Prompts = Annotated[list[str], typer.Argument(help="one or more of them, a row of the grid each")]
Output = Annotated[Path, typer.Option("--output", "-o", callback=_is_picture, help="where the picture goes")]
Methods = Annotated[
    str | None,
    typer.Option(callback=_are_methods, metavar="NAME,NAME", help="all of them if left out"),
]
Seeds = Annotated[int, typer.Option(min=1, max=8, help="rows of the grid, a seed each")]
ShowTrace = Annotated[
    bool, typer.Option("--show-trace", help="print what led to the picture, and draw it beside the output")
]

Method = Annotated[str | None, typer.Option(help=", ".join(METHODS), rich_help_panel=DRAWING)]
BoxOption = Annotated[
    Box | None,
    typer.Option(
        "--box",
        parser=read_box,
        metavar="X0,Y0,X1,Y1",
        help="put the object here, in 0..1 of the picture; the language model says where if left out",
        rich_help_panel=DRAWING,
    ),
]
TripletOption = Annotated[
    Triplet | None,
    typer.Option(
        "--triplet",
        parser=read_triplet,
        metavar="SUBJECT,VERB,OBJECT",
        help="the prompt's words, where it should not be read for them",
        rich_help_panel=DRAWING,
    ),
]
Seed = Annotated[int | None, typer.Option(help="noise of the first candidate", rich_help_panel=DRAWING)]
Steps = Annotated[int | None, typer.Option(help="denoising steps", rich_help_panel=DRAWING)]
Candidates = Annotated[int | None, typer.Option(help="pictures to choose from", rich_help_panel=DRAWING)]
Preset = Annotated[
    str | None, typer.Option(help="default (best measured) or paper (as published)", rich_help_panel=DRAWING)
]
Others = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="any other setting, such as guidance_scale=4; may be given several times",
        rich_help_panel=DRAWING,
    ),
]

Url = Annotated[
    str | None,
    typer.Option(
        envvar="RECORD_URL",
        help="a running service, such as http://127.0.0.1:8000; drawn in this process if left out",
        rich_help_panel=MODELS,
    ),
]
ServiceUrl = Annotated[
    str | None,
    typer.Option("--url", envvar="RECORD_URL", help="the service; http://127.0.0.1:8000 if left out"),
]
ApiKey = Annotated[
    str | None,
    typer.Option(envvar="RECORD_API_KEY", help="the service's key, if it wants one", rich_help_panel=MODELS),
]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="a run's id, as `record runs` lists it")]
Folder = Annotated[
    Path | None, typer.Option("--output", "-o", help="folder for everything that the run left behind")
]
Limit = Annotated[int, typer.Option(min=1, help="how many, newest first")]
StatusOption = Annotated[RunStatus | None, typer.Option(help="only those that are so")]
Picture = Annotated[int, typer.Option(min=0, help="which of the run's pictures, numbered from 0")]
Corrected = Annotated[
    Box,
    typer.Option(
        "--box", parser=read_box, metavar="X0,Y0,X1,Y1", help="put the object here, in 0..1 of the picture"
    ),
]
Checkpoint = Annotated[
    str | None,
    typer.Option(help="diffusers folder or hub id; the shipped one if left out", rich_help_panel=MODELS),
]
Vlm = Annotated[
    str | None,
    typer.Option(
        help="folder of a language model trained for this, or none; the shipped one goes with the shipped "
        "checkpoint",
        rich_help_panel=MODELS,
    ),
]
Adapter = Annotated[
    str | None,
    typer.Option(help="folder of InteractDiffusion's weights, for that method", rich_help_panel=MODELS),
]
Device = Annotated[str | None, typer.Option(help="cpu (default) or cuda", rich_help_panel=MODELS)]
Dtype = Annotated[
    Precision | None,
    typer.Option(help="auto (default) is the faster of bfloat16 and float32", rich_help_panel=MODELS),
]


def method_names(text: str | None, *, cannot: Collection[str] = ()) -> list[str]:
    """The names in `text`; without one every method but those that `cannot` be drawn."""
    if text is not None:
        return [name.strip() for name in text.split(",")]
    return [name for name in METHODS if name not in cannot]


def not_drawn_here(*, has_adapter: bool) -> list[str]:
    """Methods that only a service draws, and without an adapter's weights those that need them."""
    traits = [found for name in METHODS if (found := find(name))]
    return [one.name for one in traits if one.is_drawn_elsewhere or (one.needs_adapter and not has_adapter)]


def settings_of(others: list[str] | None, **named: Any) -> dict[str, Any]:
    """The settings that were given; an option of its own wins over the same name in --set."""
    return {**read_settings(others or []), **{k: v for k, v in named.items() if v is not None}}
