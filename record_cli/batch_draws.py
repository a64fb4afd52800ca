"""Who draws a batch: this process, a running service, or the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from batch.folder import Folder
from batch.painting import Draws, in_turn
from batch.served import by_service
from record.errors import InputError, ReCorDError
from record_cli.batch_painter import LoadHere
from record_cli.in_process import Models
from record_cli.remote import explained
from record_client import AsyncReCorDClient, ReCorDClient


class Drawer(Protocol):
    """Draws batches; `model` names what it draws with."""

    @property
    def model(self) -> str:
        """Its name, with a digest of the models' files where they are at hand."""
        ...

    def draws(self, folder: Folder) -> AbstractContextManager[Draws]:
        """Make ready to draw into a folder; InputError where that cannot be."""
        ...


@dataclass(frozen=True)
class Here:
    """This process."""

    load: LoadHere

    @property
    def model(self) -> str:
        """The models' name and digest."""
        return self.load.model

    @contextmanager
    def draws(self, folder: Folder) -> Iterator[Draws]:
        """Load the models."""
        with beginning():
            painter = self.load()
        yield in_turn(painter)


@dataclass(frozen=True)
class Served:
    """The service at an address, asked for `at_once` pictures at once."""

    url: str
    api_key: str | None
    at_once: int
    model: str

    @classmethod
    def at(cls, url: str, api_key: str | None, at_once: int) -> Served:
        """Ask the service what it draws with; InputError where it does not answer."""
        with beginning(), explained(), ReCorDClient(url, api_key) as client:
            return cls(url, api_key, at_once, client.models()[0].id)

    @contextmanager
    def draws(self, folder: Folder) -> Iterator[Draws]:
        """Nothing is to be made ready; a service that goes away later is told of as such."""
        with explained():
            yield by_service(
                lambda: AsyncReCorDClient(self.url, self.api_key), self.model, folder.head.key, self.at_once
            )


@dataclass(frozen=True)
class OnCluster:
    """The Ray cluster at an address; `local` is one of this machine that ends with the batch.

    At most `workers` (None: as many as it holds) draw `block` prompts each before their rows are kept,
    with `gpus` GPUs, or shares of one, each.
    """

    load: LoadHere
    address: str
    workers: int | None
    gpus: float
    block: int

    @property
    def model(self) -> str:
        """The models' name and digest, as they lie on this machine."""
        return self.load.model

    @contextmanager
    def draws(self, folder: Folder) -> Iterator[Draws]:
        """Join the cluster."""
        try:
            from batch.cluster import Plan, connected, on_cluster
        except ImportError as error:
            raise InputError(f"--cluster needs Ray ({error}): pip install 'record-serve[cpu]'") from error

        with connected(self.address):
            plan = Plan(self.workers, gpus=self.gpus, block=self.block)
            yield on_cluster(self.load, plan)


def drawer(
    url: str | None,
    api_key: str | None,
    at_once: int,
    models: Models,
    cluster: str | None,
    workers: int | None,
    gpus: float | None,
    block: int,
) -> Drawer:
    """Who draws by these options; InputError for those that do not go together."""
    if url and cluster:
        both = f"--cluster {cluster} and --url (or RECORD_URL) {url}"
        raise InputError(f"{both} exclude each other: leave one out", param="cluster")
    if url:
        models.refuse_a_service()
        return Served.at(url, api_key, at_once)
    load = LoadHere.of(models)
    if not cluster:
        return Here(load)
    usual = 1.0 if (models.device or "").startswith("cuda") else 0.0
    return OnCluster(load, cluster, workers, usual if gpus is None else gpus, block)


@contextmanager
def beginning() -> Iterator[None]:
    """What goes wrong here cannot be begun, whoever is at fault: InputError."""
    try:
        yield
    except InputError:
        raise
    except (ReCorDError, OSError) as error:
        raise InputError(str(error)) from error
