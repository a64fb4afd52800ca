"""The store: the index and the artefacts, and the order of writing that keeps them in step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from record.cache import cache_folder
from record.types import Json
from runs.connect import connect
from runs.errors import ArtefactError
from runs.files import FileArtefacts
from runs.index import Artefacts, Index
from runs.objects import ObjectArtefacts
from runs.rows import ArtefactRow, Content
from runs.sql import SqlIndex


@dataclass(frozen=True)
class Store:
    """Rows and bytes. Bytes are kept before the row that names them, and removed after it."""

    index: Index
    artefacts: Artefacts

    def close(self) -> None:
        """Give the database's connections back."""
        self.index.close()

    def tell(self, run: str, worker: str, told: Sequence[Json], contents: Sequence[Content] = ()) -> int:
        """Add events and the artefacts that they speak of; returns the last event's number.

        Raises what `Index.append` and `Artefacts.put` raise; then nothing of it is seen.
        """
        kept = [
            ArtefactRow(
                run=run,
                name=one.name,
                digest=self.artefacts.put(one.data),
                media_type=one.media_type,
                size=len(one.data),
            )
            for one in contents
        ]
        return self.index.append(run, worker, told, kept)

    def content(self, run: str, name: str) -> Content:
        """A run's artefact with its bytes; ArtefactError where there is none of that name."""
        for row in self.index.artefacts(run):
            if row.name == name:
                return Content(name=name, data=self.artefacts.get(row.digest), media_type=row.media_type)
        raise ArtefactError(f"run {run!r} has no artefact {name!r}: ask for the run to see their names")


def open_store(url: str | None = None, artefacts: str | None = None) -> Store:
    """The store at a database's address, with its artefacts in a folder or at an object store's address.

    `url` is sqlite:///PATH or postgresql+psycopg://..., by default a file below the cache folder;
    `artefacts` is a folder, by default below the cache folder as well, or s3://BUCKET/PREFIX, gs://, az://.
    SettingsError for other addresses, StoreUnavailableError where nobody answers.
    """
    home = cache_folder() / "runs"
    kept = open_artefacts(artefacts or str(home / "artefacts"))  # first: the index has connections to close
    return Store(SqlIndex(connect(url or f"sqlite:///{home / 'runs.sqlite3'}")), kept)


def open_artefacts(place: str) -> Artefacts:
    """The artefacts in a folder, or at an object store's address."""
    return ObjectArtefacts(place) if "://" in place else FileArtefacts(Path(place))
