"""What `import record` offers: a name that goes or comes is a decision, not an accident."""

from __future__ import annotations

import record


def test_the_public_names() -> None:
    assert record.__all__ == ["Box", "Prompt", "ReCorD", "Settings", "Triplet", "parse"]


def test_every_public_name_is_there() -> None:
    assert all(getattr(record, name).__doc__ for name in record.__all__)
