from __future__ import annotations

import pytest

from record.errors import InputError, PromptError, SettingsError
from record.story.events import Event, ImageReady, Stepped
from record_cli.asking import Ask
from record_cli.in_process import LocalPainter, Models
from tests.record_cli.conftest import KICK


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        (Ask("a nice sunset"), PromptError),
        (Ask(KICK, settings={"stepz": 1}), SettingsError),
        (Ask(KICK, settings={"method": "images_api"}), InputError),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_loaded(ask: Ask, error: type[Exception]) -> None:
    painter = LocalPainter(Models(checkpoint="no/such/checkpoint"))
    with pytest.raises(error):
        painter.prepare(ask)


def test_the_shipped_language_model_goes_with_the_shipped_checkpoint_alone() -> None:
    assert (Models().reasoner or "").endswith("vlm")
    assert Models(checkpoint="another").reasoner is None and Models(vlm="none").reasoner is None
    assert Models(checkpoint="another", vlm="folder").reasoner == "folder"


@pytest.mark.slow
def test_the_shipped_models_draw() -> None:
    painter = LocalPainter(Models())
    ask = Ask(KICK, settings={"steps": 3, "candidates": 2})
    painter.prepare(ask)
    told: list[Event] = []
    drawn = painter.draw(ask, told.append)
    assert drawn.image.size == (256, 256) and len(drawn.candidates) == 2
    assert isinstance(told[-1], ImageReady)
    assert {event.index for event in told if isinstance(event, Stepped)} >= {0, 1}
