"""Artefacts in an object store (S3, Google Cloud, Azure), named by their content as the files are."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url

from record.errors import SettingsError
from runs.errors import StoreUnavailableError
from runs.files import checked

HTTP_S = "10s"
"""How long one request to the object store may take; it is tried again a few times."""


class ObjectArtefacts:
    """`Artefacts` at s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://ACCOUNT/CONTAINER/PREFIX.

    Keys and the endpoint are those of the environment (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL and so on).
    SettingsError for another address.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        try:
            self._store = from_url(address, client_options={"allow_http": True, "timeout": HTTP_S})
        except (BaseError, ValueError) as error:
            raise SettingsError(
                f"{address!r} is no place for artefacts: use a folder, or s3://BUCKET/PREFIX"
            ) from error

    def put(self, data: bytes) -> str:
        """Write the object, which shows only when it is whole; one that is there becomes young again."""
        digest = hashlib.sha256(data).hexdigest()
        with self._asking():
            obstore.put(self._store, digest, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes, compared with their name."""
        with self._asking():
            try:
                data = bytes(obstore.get(self._store, digest).bytes())
            except FileNotFoundError:
                return checked(digest, None)
        return checked(digest, data)

    def remove(self, digest: str, put_before: float = math.inf) -> bool:
        """Delete the object, if it is that old."""
        with self._asking():
            try:
                last_put = obstore.head(self._store, digest)["last_modified"].timestamp()
            except FileNotFoundError:
                return False
            if last_put < put_before:
                obstore.delete(self._store, digest)
            return last_put < put_before

    def digests(self) -> Iterator[str]:
        """The names of all objects."""
        with self._asking():
            for some in obstore.list(self._store):
                yield from (one["path"] for one in some)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            said = str(error).partition("\n")[0]
            raise StoreUnavailableError(
                f"{self._address} does not answer ({said}): are its endpoint and keys right?"
            ) from error
