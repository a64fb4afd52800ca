"""The example of docs/methods.md, taken from the page and run as it stands."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from record.engine.engine import Engine
from record.job import Job
from record.methods import METHODS, Method
from record.reading.prompt import parse
from record.settings import Settings

PAGE = Path(__file__).parents[3] / "docs/methods.md"


def test_the_page_names_every_method() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(METHODS) <= set(named)


@pytest.mark.slow
def test_the_example_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(example.splitlines()) < 60
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(METHODS, "verb_first", METHODS["plain"])  # whatever the example sets goes again
    page: dict[str, Any] = {}
    exec(example, page)
    mixed = np.asarray(Image.open("verb_first.png")).astype(int)
    unmixed = redrawn(page, page["VerbFirst"](weight=0.0))
    assert np.abs(unmixed - mixed).mean() > 1
    assert np.abs(unmixed - redrawn(page, METHODS["plain"])).max() <= 1


def redrawn(page: dict[str, Any], method: Method) -> npt.NDArray[np.int_]:
    """The example's picture as another method draws it."""
    METHODS["verb_first"] = method
    settings: Settings = page["settings"].model_copy(update={"method": "verb_first"})
    (candidate,) = Engine(page["backbone"]).draw(Job(parse("a woman is kicking a ball"), 3, settings))
    return candidate.image.astype(int)
