"""The tables. A change here needs a migration beside it; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Name(TypeDecorator[str]):
    """Text that clients may have a hand in: what databases refuse (NUL, half surrogates) is replaced."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as any database takes it."""
        return None if value is None else value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Name, primary_key=True),
    Column("body", JSON, nullable=False),
    Column("deadline", Double, nullable=False),
    Column("row_steps", BigInteger, nullable=False),
    Column("owner", Name, nullable=False),
    Column("idempotency_key", Name),
    Column("parent", Name),
    Column("is_kept", Boolean, nullable=False),
    Column("status", String, nullable=False),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    Column("worker", Name),
    Column("leased_until", Double),
    Column("attempts", Integer, nullable=False),
    Column("last_event", Integer, nullable=False),
    Column("is_cancelled", Boolean, nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("degraded", Boolean, nullable=False),
    UniqueConstraint("owner", "idempotency_key", name="runs_of_one_key"),
    Index("runs_by_age", "created", "id"),
    Index("runs_by_owner", "owner", "created", "id"),
    Index("runs_by_end", "ended"),
    Index("runs_by_parent", "parent", "created", "id"),
)
_open = runs.c.ended.is_(None)
Index("runs_open", runs.c.created, runs.c.id, sqlite_where=_open, postgresql_where=_open)


def _of_run() -> Column[str]:
    return Column("run", Name, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


events = Table(
    "events",
    metadata,
    _of_run(),
    Column("number", Integer, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("told", JSON, nullable=False),
)

artefacts = Table(
    "artefacts",
    metadata,
    _of_run(),
    Column("name", Name, primary_key=True),
    Column("digest", String, nullable=False, index=True),
    Column("media_type", String, nullable=False),
    Column("size", BigInteger, nullable=False),
)
