"""Small random checkpoints, made once a session and only when asked for; no test asserts a time."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from record.backbone import Backbone
from tests.checkpoints import KINDS, QUICK, save

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def checkpoint_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a kind's checkpoint."""
    return cache(lambda kind: save(kind, tmp_path_factory.mktemp(kind)))


@pytest.fixture(scope="session")
def checkpoint(checkpoint_of: Callable[[str], Path]) -> Path:
    """A checkpoint folder of the quick kind."""
    return checkpoint_of(QUICK)


@pytest.fixture(scope="session")
def backbone(checkpoint: Path) -> Backbone:
    """That checkpoint, loaded."""
    return Backbone.from_pretrained(checkpoint)


@pytest.fixture(scope="session", params=KINDS)
def any_checkpoint(request: pytest.FixtureRequest, checkpoint_of: Callable[[str], Path]) -> Path:
    """A checkpoint folder of every kind in turn."""
    return checkpoint_of(request.param)


@pytest.fixture(scope="session")
def any_backbone(any_checkpoint: Path) -> Backbone:
    """That checkpoint, loaded."""
    return Backbone.from_pretrained(any_checkpoint)
