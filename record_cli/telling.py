"""What the commands say, where they say it, and the status they leave with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from PIL import Image
from rich.console import Console

from record.errors import InputError, ReCorDError
from record_cli.painter import Drawn
from record_cli.quiet import natives_silenced
from record_cli.trace import pictures, table

FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130
"""Exit statuses: drawing failed, it cannot be drawn as it was asked for, Ctrl-C."""

out = Console(soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, soft_wrap=True, markup=False, emoji=False)
"""Prompts and models' answers are shown as they are: [/] and :key: are no commands in them."""


@contextmanager
def told() -> Iterator[None]:
    """Say what went wrong in one line, and leave with the status that fits."""
    try:
        with natives_silenced():
            yield
    except (ReCorDError, OSError) as error:
        complain(f"error: {error}")
        raise typer.Exit(BAD_INPUT if isinstance(error, InputError) else FAILED) from error
    except KeyboardInterrupt as error:
        complain(": ".join(["interrupted", *getattr(error, "__notes__", ())]))
        raise typer.Exit(INTERRUPTED) from error


def complain(line: str) -> None:
    """Say a line in red, on stderr."""
    err.print(line, style="red", highlight=False)


def save(image: Image.Image, path: Path) -> None:
    """Write a picture, and say where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    say(str(path))


def say(line: str) -> None:
    """Say a line as it is, on stdout."""
    out.print(line, highlight=False)


def trace(drawn: Drawn, path: Path) -> None:
    """Print what led to a picture, and draw it into a file."""
    out.print(table(drawn))
    with told():
        save(pictures(drawn), path)
