"""What can go wrong with the store.

StoreError
|-- LostLease              the run belongs to another worker now, or has ended
|-- ArtefactError          the bytes are missing or damaged
|-- StorageFullError       the disk is full; what was there before is whole
`-- StoreUnavailableError  the database or the object store does not answer
InputError
`-- IdempotencyError       one key for two different requests
"""

from __future__ import annotations

from record.errors import InputError, ReCorDError


class StoreError(ReCorDError):
    """The store refuses or failed."""

    code = "store_error"


class LostLease(StoreError):
    """The run is another worker's now, has ended, or is gone: stop playing it."""

    code = "lost_lease"


class ArtefactError(StoreError, LookupError):
    """An artefact is missing, or its bytes are no longer those that were put."""

    code = "artefact_missing"


class StorageFullError(StoreError):
    """There is no room left; nothing half written stays behind."""

    code = "storage_full"


class StoreUnavailableError(StoreError):
    """The database or the object store cannot be reached, or is too busy."""

    code = "store_unavailable"


class IdempotencyError(InputError):
    """The idempotency key was used before, with another request."""

    code = "idempotency_conflict"
