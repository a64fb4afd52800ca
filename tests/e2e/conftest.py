"""The real application, started as users start it, on a free port with the shipped profile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.service.own import Started, started
from tests.studio.browsing import browser, open_page

__all__ = ["browser", "open_page"]


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """`python -m deployments.launch`, ready, with a store of its own; stopped afterwards as Ctrl-C does."""
    with started(tmp_path_factory.mktemp("service")) as own:
        yield own
