"""What a store's two halves can do: the index of rows, and the bytes of artefacts.

Both are synchronous and safe to call from many threads and processes at once.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from record.types import Json
from runs.rows import ArtefactRow, Done, Ending, EventRow, NewRun, Outstanding, Past, RunRow, Spared, Status


class Index(Protocol):
    """Rows. StoreUnavailableError where the database does not answer, StorageFullError where it is full."""

    def accept(self, new: NewRun, worker: str | None = None, lease_s: float = 0) -> tuple[RunRow, bool]:
        """The run's row, and whether it is new; with a `worker` it is leased to it at once.

        The owner's earlier run of the same idempotency key is given back instead; IdempotencyError where
        that had another body.
        """

    def earlier(self, new: NewRun) -> RunRow | None:
        """The run of the same idempotency key that `accept` would give back instead, if there is one."""

    def lease(
        self,
        worker: str,
        lease_s: float,
        limit: int,
        played: Collection[str] = (),
        spared: Spared | None = None,
    ) -> list[RunRow]:
        """Up to `limit` runs that wait or whose lease ran out, oldest first, each to one worker only.

        Those that can only fail are ended instead: past their deadline, cancelled, or tried too often.
        What this worker has `played` on, though it did not renew in time, is left as it is: a lease would
        be another attempt, to which the events told so far do not belong. So is what is `spared`.
        """

    def renew(self, run: str, worker: str, lease_s: float) -> RunRow | None:
        """The row with a lease of `lease_s` from now; None where it is no longer this worker's."""

    def append(self, run: str, worker: str, told: Sequence[Json], kept: Sequence[ArtefactRow] = ()) -> int:
        """Add events and the artefacts that they speak of, all or none; returns the last event's number.

        An artefact of the same name is replaced. LostLease where the run is no longer this worker's;
        TypeError or ValueError for an event that is no JSON.
        """

    def finish(
        self, run: str, worker: str, status: Ending, error: Json | None = None, degraded: bool = False
    ) -> None:
        """End a run; LostLease where it is no longer this worker's."""

    def cancel(self, run: str) -> RunRow | None:
        """Ask a run to stop; one that waits is over at once. None for an unknown one."""

    def get(self, run: str) -> RunRow | None:
        """The run's row."""

    def events(self, run: str, after: int = 0, limit: int = 500) -> list[EventRow]:
        """Events with numbers above `after`, in order."""

    def artefacts(self, run: str) -> list[ArtefactRow]:
        """The run's artefacts by name."""

    def page(
        self,
        owner: str | None,
        limit: int,
        before: str | None = None,
        status: Status | None = None,
        parent: str | None = None,
    ) -> list[RunRow]:
        """Runs, newest first, those of one owner or (None) of all; InputError for an unknown `before`.

        With `parent` only those that correct that run.
        """

    def outstanding(self) -> Outstanding:
        """What was accepted and has not ended."""

    def ahead(self, run: str) -> Outstanding:
        """What was accepted before a run and has not ended."""

    def due(self, moments: Sequence[float]) -> list[int]:
        """Row-steps of what has not ended and is due by each of these moments."""

    def done(self, since: float) -> list[Done]:
        """The runs that were finished after that moment or came too late, in the order they ended.

        Of what came too late half is taken for drawn. Runs that changed hands are left out: they waited for
        a lease to run out, and tell nothing of how long drawing takes.
        """

    def tally(self, ended_since: float | None = None) -> Mapping[Status, int]:
        """How many runs there are of each status, with a moment only those that ended after it."""

    def size(self) -> int:
        """Bytes of all artefacts; those that runs share count for each."""

    def delete(self, run: str) -> bool:
        """Remove a run that is over, its events and its artefacts' rows; False where there is none."""

    def past(self) -> list[Past]:
        """Every run that is over, longest over first."""

    def in_use(self) -> set[str]:
        """The digests of every artefact of every run."""

    def close(self) -> None:
        """Give the database's connections back."""


class Artefacts(Protocol):
    """Bytes by their SHA-256. StoreUnavailableError where they cannot be reached."""

    def put(self, data: bytes) -> str:
        """Keep bytes for good and return their digest; StorageFullError where there is no room."""

    def get(self, digest: str) -> bytes:
        """The bytes; ArtefactError where they are missing or damaged."""

    def remove(self, digest: str, put_before: float = math.inf) -> bool:
        """Remove bytes that were last put before that moment; returns whether it did."""

    def digests(self) -> Iterator[str]:
        """Everything that is kept."""
