"""What a service tells of itself and of its runs, as frozen values."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

from record.pictures import codec
from record.types import Json
from record_client.events import Told

RunStatus = Literal["waiting", "running", "finished", "failed", "cancelled"]


@dataclass(frozen=True)
class Artefact:
    """Something that a run left behind, by name, such as `0/image.png`; `size` in bytes."""

    name: str
    size: int
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run: what was asked for and what became of it. Times are seconds since 1970 (UTC).

    `request` is the body as it was sent; `order` what was read from it, with every setting; that and
    `artefacts` are told of single runs and left out of lists.
    """

    id: str
    status: RunStatus
    created: float
    started: float | None
    ended: float | None
    deadline: float
    attempts: int
    row_steps: int
    degraded: bool
    parent: str | None
    prompt: str
    method: str
    pictures: int
    request: Json
    error: Json | None
    order: Json | None = None
    artefacts: tuple[Artefact, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.ended is not None

    @property
    def seconds(self) -> float | None:
        """What it took from being accepted to its end."""
        return None if self.ended is None else self.ended - self.created

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A run from its JSON; KeyError or TypeError where a part is missing."""
        known = _known(cls, told)
        artefacts = tuple(Artefact(**_known(Artefact, one)) for one in told.get("artefacts", ()))
        return cls(**{**known, "artefacts": artefacts})


@dataclass(frozen=True)
class Page:
    """Some runs, newest first; `last` is the id to go on from, if there are more."""

    runs: tuple[Run, ...]
    last: str | None


@dataclass(frozen=True)
class File:
    """The bytes of an artefact."""

    name: str
    media_type: str
    data: bytes

    def image(self) -> Image.Image:
        """The picture, RGB; ValueError where it is none."""
        return codec.from_bytes(self.data)

    def array(self) -> npt.NDArray[Any]:
        """A map, a mask, or a picture as uint8 H x W x 3; ValueError where it is none."""
        if self.media_type.startswith("image/"):
            return np.asarray(self.image())
        array: npt.NDArray[Any] = np.load(io.BytesIO(self.data), allow_pickle=False)
        return array

    def save(self, folder: Path) -> Path:
        """Write it into a folder under its own name, and say where; ValueError for a name that leads out."""
        target = (folder / self.name).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValueError(f"artefact {self.name!r} would be written outside {folder}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.data)
        return folder / self.name


@dataclass(frozen=True)
class Model:
    """What is served: the words it knows (none: any), and the settings of a request that names none."""

    id: str
    size: str
    subjects: tuple[str, ...]
    verbs: tuple[str, ...]
    objects: tuple[str, ...]
    settings: Json

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A model from its JSON."""
        words = {name: tuple(told[name]) for name in ("subjects", "verbs", "objects")}
        return cls(**{**_known(cls, told), **words})


@dataclass(frozen=True)
class Status:
    """How a service is: the state of each part, runs that wait and are drawn, and how fast.

    `row_steps` are still to be drawn, which at `row_steps_per_s` takes `idle_in_s` seconds.
    """

    ready: bool
    parts: Mapping[str, str]
    model: str
    waiting: int
    running: int
    row_steps: int
    row_steps_per_s: float
    idle_in_s: float

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """A status from its JSON."""
        return cls(**_known(cls, told))


@dataclass(frozen=True)
class Drawing:
    """A finished run, what was told of it, and its pictures."""

    run: Run
    events: tuple[Told, ...]
    pictures: tuple[Image.Image, ...]

    @property
    def image(self) -> Image.Image:
        """The first picture."""
        return self.pictures[0]


def _known(kind: type[Any], told: Mapping[str, Any]) -> Json:
    """The fields that `kind` has, so that a newer service may tell more."""
    return {one.name: told[one.name] for one in fields(kind) if one.name in told}
