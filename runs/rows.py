"""What the store holds, as frozen rows: runs, their events, their artefacts.

Times are seconds since the epoch (UTC).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

from record.types import Json

Status = Literal["waiting", "running", "finished", "failed", "cancelled"]
Ending = Literal["finished", "failed", "cancelled"]


def new_id() -> str:
    """A run's id that nobody else has: run- and 16 hexadecimal digits."""
    return f"run-{secrets.token_hex(8)}"


@dataclass(frozen=True, kw_only=True)
class NewRun:
    """What is accepted.

    `body` is the whole request, enough to draw it again; `row_steps` its estimated cost; `owner` tells
    whose API key it was; `parent` is the run that this one corrects. A run that is not `is_kept` goes
    once its answer was given.
    """

    id: str
    body: Json
    deadline: float
    row_steps: int
    owner: str = ""
    idempotency_key: str | None = None
    parent: str | None = None
    is_kept: bool = True


@dataclass(frozen=True, kw_only=True)
class RunRow(NewRun):
    """A run as the store knows it.

    `attempts` counts its leases, `last_event` its events; `is_cancelled` says that somebody asked for it
    to stop, which its worker heeds. `error` is an OpenAI-shaped object where it failed.
    """

    status: Status
    created: float
    started: float | None
    ended: float | None
    worker: str | None
    leased_until: float | None
    attempts: int
    last_event: int
    is_cancelled: bool
    error: Json | None
    degraded: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.ended is not None


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """The `number`th event of a run: 1, 2, 3 and so on without gaps, whichever attempt told it."""

    run: str
    number: int
    attempt: int
    told: Json


@dataclass(frozen=True, kw_only=True)
class ArtefactRow:
    """A run's artefact: `name` as in candidates/0/image.png, `digest` its SHA-256, `size` in bytes."""

    run: str
    name: str
    digest: str
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Content:
    """An artefact's name and bytes, before they are kept."""

    name: str
    data: bytes
    media_type: str


@dataclass(frozen=True)
class Outstanding:
    """What was accepted and has not ended: runs, and the cost of all of them together."""

    waiting: int = 0
    running: int = 0
    row_steps: int = 0


@dataclass(frozen=True)
class Spared:
    """Runs that a worker leaves for now: accepted before one moment, and due after another."""

    accepted_before: float
    due_after: float


@dataclass(frozen=True)
class Done:
    """A run that was played at one go: when, and how many row-steps were drawn of it."""

    started: float
    ended: float
    row_steps: int


@dataclass(frozen=True)
class Past:
    """A run that is over, as retention sees it: `size` is the bytes of its artefacts."""

    run: str
    ended: float
    size: int
    is_kept: bool = True
