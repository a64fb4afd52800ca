"""An engine for a database's address, its errors as the store's own, its schema brought up to date."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from record.errors import SettingsError
from runs.errors import StorageFullError, StoreError, StoreUnavailableError

BUSY_S = 30
"""How long a writer waits for another one of SQLite, and anybody for PostgreSQL: to be connected, for a
network that is gone to answer, and for a statement to end, or every thread would wait there."""
KEPT, MORE = 5, 10
"""Connections to PostgreSQL that a process keeps open, and that it opens beside them while it needs more."""
WRITES = "is_writing"
UPGRADE_LOCK = 7_232_673
"""The advisory lock of PostgreSQL under which one process at a time upgrades the schema."""
FULL = ("database or disk is full", "no space left on device", "could not extend file")

_upgrading = threading.Lock()


def connect(address: str) -> Engine:
    """An engine for sqlite:///PATH or postgresql+psycopg://..., with the newest schema in its database.

    SettingsError for another kind of address, StoreUnavailableError where nobody answers.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        shown = address.rpartition("@")[2]  # what stands before it may be a password
        raise SettingsError(f"{shown!r} is no address of a database: use sqlite:///PATH") from error
    if url.get_backend_name() == "sqlite":
        with _alone(url):
            return _upgraded(_sqlite(url))
    if url.drivername == "postgresql+psycopg":
        pool = {"pool_size": KEPT, "max_overflow": MORE, "pool_pre_ping": True}
        return _upgraded(_engine(url, **pool, connect_args=_limits(url)))
    raise SettingsError(f"{url.drivername!r} is no database for runs: use sqlite or postgresql+psycopg")


def _limits(url: URL) -> dict[str, str | float]:
    """How long PostgreSQL and the network are waited for; what the address says itself wins."""
    limit_ms, own = round(1000 * BUSY_S), url.query.get("options", "")
    return {
        "connect_timeout": BUSY_S,
        "tcp_user_timeout": limit_ms,
        "options": f"-c statement_timeout={limit_ms} {own}".rstrip(),
    }


@contextmanager
def transaction(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    """A transaction; what the database itself complains of is a StoreError.

    TypeError or ValueError for values that are no JSON.
    """
    try:
        with engine.execution_options(**{WRITES: writes}).begin() as connection:
            yield connection
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise _told(error) from error
    except StatementError as error:
        if isinstance(error.orig, TypeError | ValueError):  # some drivers find it out themselves
            raise error.orig from None
        raise


def _told(error: DBAPIError | PoolTimeout) -> StoreError:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    if any(words in said.lower() for words in FULL):
        return StorageFullError(f"the database has no room left ({said}): free some, or keep fewer runs")
    return StoreUnavailableError(f"the database does not answer ({said}): is it running, and reachable?")


def _engine(url: URL, **options: object) -> Engine:
    """Errors of it name no values: those of a run's row are a caller's own words."""
    as_json = partial(json.dumps, allow_nan=False)
    return create_engine(url, json_serializer=as_json, hide_parameters=True, **options)


@contextmanager
def _alone(url: URL) -> Iterator[None]:
    """One process at a time opens SQLite's file: the switch to WAL fails beside another and does not wait."""
    if not url.database or url.database == ":memory:":
        raise SettingsError(
            "runs outlive a process: give SQLite a file, as in sqlite:////var/lib/record/runs.db"
        )
    parent = Path(url.database).parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(parent, os.O_RDONLY)
    except OSError as error:
        raise StoreUnavailableError(f"no folder for {url.database!r}: {error}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _sqlite(url: URL) -> Engine:
    engine = _engine(url, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        """WAL lets readers read while one writes; the driver begins no transactions of its own."""
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """A writer takes its lock at once: one that read first could no longer wait for it."""
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _upgraded(engine: Engine) -> Engine:
    try:
        _upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _upgrade(engine: Engine) -> None:
    """Create or upgrade the tables; of many that open at once, one does and the others wait."""
    config = Config()
    config.set_main_option("script_location", "runs:migrations")
    with _upgrading, transaction(engine, writes=True) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))  # others may upgrade for long
            connection.execute(text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(f"the database is of another version of the service ({error})") from error
