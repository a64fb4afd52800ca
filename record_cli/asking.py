"""What a picture is asked for with, and how the command line's words are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import typer
import yaml

from record.geometry import Box
from record.reading.prompt import Triplet


@dataclass(frozen=True)
class Ask:
    """One picture: `settings` holds what the caller said, as names and plain values, not yet checked."""

    prompt: str
    box: Box | None = None
    triplet: Triplet | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def but(self, **settings: Any) -> Ask:
        """The same with other settings."""
        return replace(self, settings={**self.settings, **settings})


def read_box(text: str) -> Box:
    """`x0,y0,x1,y1` in 0..1 as a box; BadParameter where it is not one inside the picture."""
    try:
        return Box.from_text(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def read_triplet(text: str) -> Triplet:
    """`subject,verb,object[,preposition]` as a triplet; BadParameter where a part is missing."""
    try:
        return Triplet.from_text(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def read_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """`name=value` pairs; a value is read as YAML reads it, so that true, 0.5 and words all work."""
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name.strip():
            raise typer.BadParameter(f"{pair!r}: write name=value, such as guidance_scale=4")
        try:
            found[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise typer.BadParameter(f"{pair!r}: the value cannot be read") from error
    return found
