"""The remote painter against the real HTTP edge over fakes, on a port of this machine."""

from __future__ import annotations

import pytest

from record.errors import InputError, UpstreamError
from record.geometry import Box
from record.reading.prompt import Triplet
from record.story.events import Event, Stepped
from record_cli.asking import Ask
from record_cli.remote import RemotePainter
from tests.record_cli.conftest import KICK, FakePainter, grey
from tests.record_cli.test_progress import named


def draw(address: str, ask: Ask):  # type: ignore[no-untyped-def]
    return RemotePainter(address).draw(ask, lambda event: None)


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/"])
def test_a_picture_comes_with_its_trace(address: str, tail: str) -> None:
    drawn = draw(address + tail, Ask(KICK, settings={"seed": 7}))
    assert grey(drawn.image) == 9 and [grey(c) for c in drawn.candidates] == [7, 8, 9]
    assert drawn.run["chosen"] == 1 and drawn.event("layout.proposed")["object_box"]
    assert drawn.seconds > 0


def test_box_and_triplet_are_sent(address: str) -> None:
    ask = Ask("something with a ball", Box(0.5, 0.5, 0.75, 0.75), Triplet("woman", "kicking", "ball"))
    with pytest.raises(InputError, match="something"):
        draw(address, ask)
    run = draw(address, Ask(KICK, ask.box, ask.triplet)).run
    assert run["object_box_after"] == [0.5, 0.5, 0.75, 0.75] and run["triplet"]["verb"] == "kicking"


def test_a_refusal_is_the_services_own_message(address: str) -> None:
    with pytest.raises(InputError, match=r"unknown field 'stepz': did you mean 'steps'\?$") as refused:
        draw(address, Ask(KICK, settings={"stepz": 3}))
    assert refused.value.param == "stepz"


def test_everything_that_happens_is_told_as_in_process(address: str, painter: FakePainter) -> None:
    here, there = list[Event](), list[Event]()
    ask = Ask(KICK, settings={"seed": 7})
    painter.draw(ask, here.append)
    RemotePainter(address).draw(ask, there.append)
    kinds = [type(event) for event in here if not isinstance(event, Stepped)]
    assert [type(event) for event in there if type(event) in kinds] == kinds
    assert any(isinstance(event, Stepped) for event in there)
    assert named(there) == named(here)


def test_nobody_there_is_a_failure_with_a_remedy() -> None:
    with pytest.raises(UpstreamError, match="cannot be reached .*: start it with"):
        draw("http://127.0.0.1:9", Ask(KICK))
