"""Both kinds of index and both kinds of artefacts: every test of the store runs on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from runs import Store, open_store
from runs.connect import connect
from runs.rows import NewRun, new_id
from runs.sql import SqlIndex
from tests.runs.servers import emptied, postgres, s3

DATABASES = ("sqlite", "postgresql")
PLACES = ("folder", "s3")
NUMBERS = count()


@dataclass
class Clock:
    """A time that only tests move."""

    time: float = 1_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with s3() as endpoint:
        yield endpoint


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'runs.sqlite3'}"
    return emptied(request.getfixturevalue("postgres_server"))


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty place for artefacts."""
    if request.param == "folder":
        return str(tmp_path / "artefacts")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_endpoint"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    return f"s3://bucket/{next(NUMBERS)}"


@pytest.fixture
def index(database: str, clock: Clock) -> Iterator[SqlIndex]:
    opened = SqlIndex(connect(database), now=clock)
    yield opened
    opened.close()


@pytest.fixture
def store(database: str, place: str) -> Iterator[Store]:
    opened = open_store(database, place)
    yield opened
    opened.close()


@pytest.fixture
def new(clock: Clock) -> Callable[..., NewRun]:
    """Makes runs to be accepted, each a second after the one before."""

    def made(**fields: object) -> NewRun:
        clock.time += 1
        usual = {"id": new_id(), "body": {"prompt": "a cat"}, "deadline": clock.time + 1000, "row_steps": 10}
        return NewRun(**{**usual, **fields})  # type: ignore[arg-type]

    return made
