"""The worked example of docs/methods.md, taken from the page and run as it stands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from record.local import ReCorD
from record.traits import SHIPPED, find, names, unregister
from tests.record.methods.fakes import offered

PAGE = (Path(__file__).parents[3] / "docs/methods.md").read_text(encoding="utf-8")


def test_the_page_names_every_method() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert {one.name for one in SHIPPED if not one.is_drawn_elsewhere} <= set(named)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The example's names after it ran; what it offers goes again."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(example.splitlines()) < 60
    monkeypatch.chdir(tmp_path)
    names_after: dict[str, Any] = {"__name__": "page"}
    try:
        exec(example, names_after)
        yield names_after
    finally:
        for name in set(names()) - {one.name for one in SHIPPED}:
            unregister(name)


@pytest.mark.slow
def test_the_example_draws(page: dict[str, Any]) -> None:
    assert find("verb_first") is page["VERB_FIRST"]
    with Image.open("verb_first.png") as picture:
        mixed = np.asarray(picture).astype(int)
    with offered(page["VerbFirst"](weight=0.0), "unmixed"):
        unmixed = drawn(page["recorder"], "unmixed")
    assert np.abs(unmixed - mixed).mean() > 1
    assert np.abs(unmixed - drawn(page["recorder"], "plain")).max() <= 1


def drawn(record: ReCorD, method: str) -> npt.NDArray[np.int_]:
    """The example's picture as another method draws it."""
    run = record("a woman is kicking a ball", method=method, seed=3, steps=10)
    return np.asarray(run.image).astype(int)
