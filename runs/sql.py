"""The index in a database: one code for SQLite and PostgreSQL."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, fields

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from record.errors import InputError
from record.types import Json
from runs.connect import transaction
from runs.errors import IdempotencyError, LostLease
from runs.leases import ended, hopeless
from runs.rows import (
    ArtefactRow,
    Done,
    Ending,
    EventRow,
    NewRun,
    Outstanding,
    Past,
    RunRow,
    Spared,
    Status,
)
from runs.schema import artefacts, events, runs

MOST_EVENTS = 2**31 - 1
"""The highest number that an event may have."""

_ROW = [runs.c[field.name] for field in fields(RunRow)]
_OPEN = runs.c.ended.is_(None)


class SqlIndex:
    """`Index` over the tables of `runs.schema`; `now` tells the time, in seconds since the epoch."""

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now

    def accept(self, new: NewRun, worker: str | None = None, lease_s: float = 0) -> tuple[RunRow, bool]:
        """The run's row, or that of the same idempotency key; IdempotencyError for another body."""
        now = self._now()
        row = RunRow(
            **asdict(new),
            status="running" if worker else "waiting",
            created=now,
            started=now if worker else None,
            ended=None,
            worker=worker,
            leased_until=now + lease_s if worker else None,
            attempts=1 if worker else 0,
            last_event=0,
            is_cancelled=False,
            error=None,
            degraded=False,
        )
        try:
            with self._writing() as connection:
                connection.execute(insert(runs).values(asdict(row)))
        except IntegrityError:
            if earlier := self.earlier(new):
                return earlier, False
            raise
        return row, True

    def earlier(self, new: NewRun) -> RunRow | None:
        """The run that `accept` would give back instead; IdempotencyError for another body."""
        same = runs.c.id == new.id
        if new.idempotency_key is not None:
            of_key = and_(runs.c.owner == new.owner, runs.c.idempotency_key == new.idempotency_key)
            same = or_(same, of_key)
        with self._reading() as connection:
            found = _rows(connection, select(*_ROW).where(same))
        if found and found[0].body != json.loads(json.dumps(new.body)):
            raise IdempotencyError(
                f"idempotency key {new.idempotency_key!r} was used for another request: take a new key",
                param="Idempotency-Key",
            )
        return found[0] if found else None

    def lease(
        self,
        worker: str,
        lease_s: float,
        limit: int,
        played: Collection[str] = (),
        spared: Spared | None = None,
    ) -> list[RunRow]:
        """Runs that are this worker's now; those that can only fail are ended on the way."""
        now = self._now()
        free = _OPEN & or_(runs.c.leased_until.is_(None), runs.c.leased_until < now)
        free &= runs.c.id.not_in(played)
        if spared is not None:
            free &= or_(runs.c.created >= spared.accepted_before, runs.c.deadline <= spared.due_after)
        oldest = select(*_ROW).where(free).order_by(runs.c.created, runs.c.id)
        with self._reading() as connection:
            if not _rows(connection, oldest.limit(1)):
                return []
        leased: list[RunRow] = []
        with self._writing() as connection:
            locking = oldest.with_for_update(skip_locked=True)
            while found := _rows(connection, locking.limit(limit - len(leased))):
                leased += filter(None, (_lease(connection, row, worker, now, lease_s) for row in found))
        return leased

    def renew(self, run: str, worker: str, lease_s: float) -> RunRow | None:
        """The row with its new lease; None where it is no longer this worker's."""
        renewed = update(runs).where(_held(run, worker)).values(leased_until=self._now() + lease_s)
        with self._writing() as connection:
            found = _rows(connection, renewed.returning(*_ROW))
        return found[0] if found else None

    def append(self, run: str, worker: str, told: Sequence[Json], kept: Sequence[ArtefactRow] = ()) -> int:
        """Add events and artefacts' rows; returns the last event's number."""
        with self._writing() as connection:
            counted = update(runs).where(_held(run, worker)).values(last_event=runs.c.last_event + len(told))
            row = connection.execute(counted.returning(runs.c.last_event, runs.c.attempts)).one_or_none()
            if row is None:
                raise _lost(run, worker)
            first = row.last_event - len(told) + 1
            if told:
                numbered = enumerate(told, first)
                connection.execute(
                    insert(events),
                    [{"run": run, "number": n, "attempt": row.attempts, "told": one} for n, one in numbered],
                )
            if kept:
                same = artefacts.c.name.in_([one.name for one in kept])
                connection.execute(delete(artefacts).where(artefacts.c.run == run, same))
                connection.execute(insert(artefacts), [asdict(one) for one in kept])
            return int(row.last_event)

    def finish(
        self, run: str, worker: str, status: Ending, error: Json | None = None, degraded: bool = False
    ) -> None:
        """End a run that is this worker's."""
        with self._writing() as connection:
            ending = ended(self._now(), status, error) | {"degraded": degraded}
            if not connection.execute(update(runs).where(_held(run, worker)).values(ending)).rowcount:
                raise _lost(run, worker)

    def cancel(self, run: str) -> RunRow | None:
        """Ask a run to stop; one that waits is over at once."""
        waits = runs.c.status == "waiting"
        asked = {
            "is_cancelled": True,
            "status": case((waits, "cancelled"), else_=runs.c.status),
            "ended": case((waits, self._now()), else_=None),
        }
        with self._writing() as connection:
            connection.execute(update(runs).where(runs.c.id == run, _OPEN).values(asked))
        return self.get(run)

    def get(self, run: str) -> RunRow | None:
        """The run's row."""
        with self._reading() as connection:
            found = _rows(connection, select(*_ROW).where(runs.c.id == run))
        return found[0] if found else None

    def events(self, run: str, after: int = 0, limit: int = 500) -> list[EventRow]:
        """Events with numbers above `after`."""
        wanted = select(events).where(events.c.run == run, events.c.number > min(after, MOST_EVENTS))
        with self._reading() as connection:
            found = connection.execute(wanted.order_by(events.c.number).limit(limit)).mappings()
            return [EventRow(**row) for row in found]

    def artefacts(self, run: str) -> list[ArtefactRow]:
        """The run's artefacts by name."""
        wanted = select(artefacts).where(artefacts.c.run == run).order_by(artefacts.c.name)
        with self._reading() as connection:
            return [ArtefactRow(**row) for row in connection.execute(wanted).mappings()]

    def page(
        self,
        owner: str | None,
        limit: int,
        before: str | None = None,
        status: Status | None = None,
        parent: str | None = None,
    ) -> list[RunRow]:
        """Runs, newest first."""
        wanted = select(*_ROW).order_by(runs.c.created.desc(), runs.c.id.desc()).limit(limit)
        if owner is not None:
            wanted = wanted.where(runs.c.owner == owner)
        if status is not None:
            wanted = wanted.where(runs.c.status == status)
        if parent is not None:
            wanted = wanted.where(runs.c.parent == parent)
        if before is not None:
            last = self.get(before)
            if last is None:
                raise InputError(f"run {before!r} is unknown: begin without it", param="before")
            wanted = wanted.where(tuple_(runs.c.created, runs.c.id) < (last.created, last.id))
        with self._reading() as connection:
            return _rows(connection, wanted)

    def outstanding(self) -> Outstanding:
        """What was accepted and has not ended."""
        return self._outstanding(_OPEN)

    def ahead(self, run: str) -> Outstanding:
        """What was accepted before it and has not ended."""
        row = self.get(run)
        if row is None:
            return Outstanding()
        return self._outstanding(_OPEN & (tuple_(runs.c.created, runs.c.id) < (row.created, row.id)))

    def due(self, moments: Sequence[float]) -> list[int]:
        """Row-steps of what has not ended and is due by each of these moments."""
        sums = [func.sum(case((runs.c.deadline <= at, runs.c.row_steps), else_=0)) for at in moments]
        with self._reading() as connection:
            return [int(found or 0) for found in connection.execute(select(*sums).where(_OPEN)).one()]

    def done(self, since: float) -> list[Done]:
        """The runs that ended after that moment, drawn or too late, each at its first attempt."""
        is_late = (runs.c.status == "failed") & (runs.c.ended >= runs.c.deadline)
        drawn = case((is_late, runs.c.row_steps // 2), else_=runs.c.row_steps)
        wanted = select(runs.c.started, runs.c.ended, drawn).where(runs.c.ended > since)
        which = or_(runs.c.status == "finished", is_late) & (runs.c.attempts == 1)
        with self._reading() as connection:
            return [Done(*row) for row in connection.execute(wanted.where(which).order_by(runs.c.ended))]

    def tally(self, ended_since: float | None = None) -> Mapping[Status, int]:
        """How many runs there are of each status."""
        counted = select(runs.c.status, func.count()).group_by(runs.c.status)
        if ended_since is not None:
            counted = counted.where(runs.c.ended > ended_since)
        with self._reading() as connection:
            return {status: count for status, count in connection.execute(counted)}

    def size(self) -> int:
        """Bytes of all artefacts."""
        with self._reading() as connection:
            return int(connection.scalar(select(func.coalesce(func.sum(artefacts.c.size), 0))) or 0)

    def _outstanding(self, which: ColumnElement[bool]) -> Outstanding:
        counted = select(runs.c.status, func.count(), func.sum(runs.c.row_steps)).where(which)
        with self._reading() as connection:
            found = connection.execute(counted.group_by(runs.c.status)).all()
        counts = {status: count for status, count, _ in found}
        steps = sum(int(steps) for _, _, steps in found)
        return Outstanding(counts.get("waiting", 0), counts.get("running", 0), steps)

    def delete(self, run: str) -> bool:
        """Remove a run that is over, with all that is told of it."""
        with self._writing() as connection:
            return bool(connection.execute(delete(runs).where(runs.c.id == run, ~_OPEN)).rowcount)

    def past(self) -> list[Past]:
        """Every run that is over, longest over first."""
        size = func.coalesce(func.sum(artefacts.c.size), 0)
        joined = select(runs.c.id, runs.c.ended, size, runs.c.is_kept).outerjoin(artefacts).where(~_OPEN)
        with self._reading() as connection:
            found = connection.execute(joined.group_by(runs.c.id).order_by(runs.c.ended, runs.c.id))
            return [Past(run, at, int(size), is_kept) for run, at, size, is_kept in found]

    def in_use(self) -> set[str]:
        """The digests of every artefact."""
        with self._reading() as connection:
            return set(connection.scalars(select(artefacts.c.digest).distinct()))

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def _reading(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine)

    def _writing(self) -> AbstractContextManager[Connection]:
        return transaction(self._engine, writes=True)


def _rows(connection: Connection, statement: Executable) -> list[RunRow]:
    return [RunRow(**row) for row in connection.execute(statement).mappings()]


def _held(run: str, worker: str) -> ColumnElement[bool]:
    return and_(runs.c.id == run, runs.c.worker == worker, _OPEN)


def _lost(run: str, worker: str) -> LostLease:
    return LostLease(f"run {run!r} is no longer {worker!r}'s: stop playing it")


def _lease(connection: Connection, row: RunRow, worker: str, now: float, lease_s: float) -> RunRow | None:
    """Lease a row that is locked; None where it was ended instead."""
    values = hopeless(row, now) or {
        "status": "running",
        "worker": worker,
        "leased_until": now + lease_s,
        "started": row.started or now,
        "attempts": row.attempts + 1,
    }
    changed = update(runs).where(runs.c.id == row.id).values(values)
    leased = _rows(connection, changed.returning(*_ROW))[0]
    return None if leased.is_over else leased
