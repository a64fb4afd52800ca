from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text
from sqlalchemy.pool import Pool

from record.errors import SettingsError
from runs import Store, open_store
from runs.connect import connect, transaction
from runs.errors import ArtefactError, LostLease, StoreError, StoreUnavailableError
from runs.rows import Content, NewRun, new_id
from runs.schema import metadata
from tests.house import ROOT
from tests.runs.servers import emptied

IMAGE = Content(name="image.png", data=b"a picture", media_type="image/png")


def accepted(store: Store, worker: str = "w") -> str:
    new = NewRun(id=new_id(), body={}, deadline=time.time() + 100, row_steps=1)
    return store.index.accept(new, worker, 30)[0].id


def test_what_is_told_outlives_the_store(database: str, place: str) -> None:
    first = open_store(database, place)
    run = accepted(first)
    assert first.tell(run, "w", [{"event": "drawn"}], [IMAGE]) == 1
    first.close()
    second = open_store(database, place)
    assert [event.told for event in second.index.events(run)] == [{"event": "drawn"}]
    assert second.content(run, "image.png") == IMAGE
    second.close()


@pytest.mark.parametrize("options", ["", "?options=-c%20statement_timeout%3D50"])
def test_a_statement_that_does_not_end_is_given_up(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    if not options:
        monkeypatch.setattr("runs.connect.BUSY_S", 0.05)
    engine = connect(emptied(postgres_server) + options)
    with pytest.raises(StoreUnavailableError, match="statement timeout"), transaction(engine) as connection:
        connection.execute(text("SELECT pg_sleep(20)"))
    with transaction(engine) as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_what_the_database_complains_of_names_no_word_of_a_callers(database: str) -> None:
    engine = connect(database)
    with pytest.raises(Exception) as caught, transaction(engine, writes=True) as connection:
        connection.execute(text("SELECT 1 FROM nothing WHERE id = :said"), {"said": "a canary"})
    engine.dispose()
    at: BaseException | None = caught.value
    while at is not None:
        assert "canary" not in str(at)
        at = at.__cause__


def test_an_artefact_that_was_not_told_is_missing(store: Store) -> None:
    run = accepted(store)
    with pytest.raises(ArtefactError, match=r"has no artefact 'image.png'"):
        store.content(run, "image.png")
    with pytest.raises(ArtefactError):
        store.content("\0", "image.png")


def test_who_lost_the_lease_tells_nothing(store: Store) -> None:
    run = accepted(store)
    with pytest.raises(LostLease):
        store.tell(run, "other", [{"event": "drawn"}], [IMAGE])
    assert store.index.events(run) == [] and store.index.artefacts(run) == []


def test_without_addresses_all_is_below_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORD_CACHE", str(tmp_path))
    open_store().close()
    assert {path.name for path in (tmp_path / "runs").iterdir()} >= {"runs.sqlite3", "artefacts"}


def test_the_migrations_lead_to_the_schema(database: str) -> None:
    engine = connect(database)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.slow
def test_many_processes_open_an_empty_database_at_once(database: str) -> None:
    code = "import sys; from runs.connect import connect; sys.stdin.read(); connect(sys.argv[1]).dispose()"
    openers = [
        subprocess.Popen([sys.executable, "-c", code, database], cwd=ROOT, stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdin
        opener.stdin.close()
    assert [opener.wait() for opener in openers] == [0] * 4
    engine = connect(database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM runs")).scalar() == 0
    engine.dispose()


@pytest.fixture
def connections() -> Iterator[list[object]]:
    """The connections to databases that are open now."""
    opened: list[object] = []
    listeners = (
        ("connect", lambda connection, _: opened.append(connection)),
        ("close", lambda connection, _: opened.remove(connection)),
    )
    for name, listener in listeners:
        event.listen(Pool, name, listener)
    yield opened
    for name, listener in listeners:
        event.remove(Pool, name, listener)


def test_a_newer_database_is_refused(database: str, connections: list[object]) -> None:
    engine = connect(database)
    with transaction(engine, writes=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'future'"))
    engine.dispose()
    with pytest.raises(StoreError, match="of another version of the service"):
        connect(database)
    assert connections == []


@pytest.mark.parametrize(
    "address",
    ["nonsense", "sqlite://", "sqlite:///:memory:", "mysql://somewhere/else", "postgresql://old/driver"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="sqlite"):
        connect(address)


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"postgresql+psycopg://me@127.0.0.1:{free.getsockname()[1]}/runs"
    with pytest.raises(StoreUnavailableError, match="is it running"):
        connect(nobody)
    with pytest.raises(StoreUnavailableError, match="unable to open"):
        connect(f"sqlite:///{tmp_path}")
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="no folder"):
        connect(f"sqlite:///{tmp_path}/file/runs.sqlite3")


def test_a_password_in_an_odd_address_is_not_shown() -> None:
    with pytest.raises(SettingsError, match="database") as caught:
        connect("postgresql:record:secret@somewhere")
    assert "secret" not in str(caught.value)
