"""A run to JSON and back, with its arrays and without."""

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from record.errors import SettingsError
from record.geometry import Box
from record.reading.prompt import Prompt, Triplet, parse
from record.reasoning.heard import Exchange
from record.settings import Settings
from record.story import collect
from record.story.cast import Cast, Request
from record.story.events import (
    CandidateAnalysed,
    CandidateReady,
    CorrectionReady,
    Degraded,
    Event,
    Exchanged,
    ImageReady,
    Judged,
    LayoutKept,
    LayoutProposed,
    PoseSelected,
    StageTimed,
    Stepped,
)
from record.story.run import Run
from record.types import NO_PICTURE, Candidate, Layout, Look, PoseChoice, Verdict
from tests.record.fakes import FakeAnalyst, FakeDiffusion, FakeReasoner

KICK = parse("a woman is kicking a ball")

seconds = st.floats(0, 1e6)
share = st.floats(0, 1)
words = st.text(max_size=12)
boxes = st.builds(Box, share, share, share, share)
pictures = arrays_of.arrays(np.uint8, st.just((2, 3, 3)))
maps = st.none() | arrays_of.arrays(np.float32, st.just((2, 2)), elements=st.floats(0, 1, width=32))
masks = st.none() | arrays_of.arrays(np.bool_, st.just((2, 3)))
keypoints = st.none() | arrays_of.arrays(np.float32, st.just((33, 3)), elements=st.floats(-2, 2, width=32))
numbers = st.integers(0, 7)
candidates = st.builds(Candidate, st.integers(0, 2**32 - 1), pictures, maps, maps, maps, maps)
layouts = st.none() | st.builds(Layout, words, words, words, words, st.floats(0, 10), boxes, words)
verdicts = st.lists(st.builds(Verdict, st.booleans(), st.booleans(), st.booleans(), words)).map(tuple)
KINDS: dict[type[Event], st.SearchStrategy[Event]] = {
    Stepped: st.builds(Stepped, seconds, st.none() | numbers, numbers, numbers, numbers),
    CandidateReady: st.builds(CandidateReady, seconds, numbers, candidates),
    PoseSelected: st.builds(
        PoseSelected, seconds, st.builds(PoseChoice, numbers, st.lists(words).map(tuple), words)
    ),
    CandidateAnalysed: st.builds(
        CandidateAnalysed,
        seconds,
        st.builds(Look, keypoints, st.none() | boxes, masks, st.none() | boxes, words),
    ),
    Exchanged: st.builds(
        Exchanged,
        seconds,
        st.builds(Exchange, words, st.lists(st.dictionaries(words, words)).map(tuple), words),
    ),
    LayoutProposed: st.builds(LayoutProposed, seconds, boxes, layouts),
    CorrectionReady: st.builds(CorrectionReady, seconds, numbers, boxes, candidates),
    Judged: st.builds(Judged, seconds, st.sampled_from(["corrections", "stories"]), verdicts, numbers, words),
    LayoutKept: st.builds(LayoutKept, seconds, words),
    Degraded: st.builds(Degraded, seconds, words, words),
    ImageReady: st.builds(ImageReady, seconds, pictures, st.booleans()),
    StageTimed: st.builds(StageTimed, seconds, words, seconds),
}
spans = st.fixed_dictionaries({role: st.tuples(numbers, numbers) for role in ("subject", "verb", "object")})
prompts = st.builds(Prompt, words, words, st.builds(Triplet, words, words, words, words), spans)
chosen_settings = st.sampled_from(
    [Settings(), Settings(method="boxdiff", seed=9), Settings.build({"preset": "paper", "strict": True})]
)
runs = st.builds(
    Run, words, prompts, chosen_settings, st.lists(st.one_of(*KINDS.values()), unique_by=type, max_size=11)
)


def test_every_kind_of_event_is_tried() -> None:
    told = {kind for kind in Event.kinds.values() if kind.__module__ == "record.story.events"}
    assert told == set(KINDS)
    assert {name: kind.name for name, kind in Event.kinds.items()} == {name: name for name in Event.kinds}


@given(runs)
def test_a_run_read_back_says_the_same(run: Run) -> None:
    told = json.loads(json.dumps(run.to_json()))
    for arrays in ({}, run.arrays()):
        back = Run.from_json(told, arrays)
        assert back.to_json() == run.to_json()
        assert (back.id, back.prompt, back.settings) == (run.id, run.prompt, run.settings)
        assert back.arrays().keys() == arrays.keys()
        assert all(np.array_equal(found, arrays[name]) for name, found in back.arrays().items())
        assert all(found.dtype == arrays[name].dtype for name, found in back.arrays().items())


def played() -> Run:
    cast = Cast(FakeDiffusion(), FakeAnalyst(), FakeReasoner())
    return asyncio.run(collect(Request(KICK, Settings(candidates=2, candidate_steps=5)), cast))


def test_arrays_are_known_by_their_names() -> None:
    parts = ("image", "object_map", "subject_map", "verb_map", "strands")
    assert list(played().arrays()) == [f"candidates/{index}/{part}" for index in (0, 1) for part in parts] + [
        "image"
    ]


def test_a_run_read_with_its_arrays_is_whole() -> None:
    run = played()
    back = Run.from_json(run.to_json(), run.arrays())
    assert np.array_equal(np.asarray(back.image), np.asarray(run.image))
    assert [one.seed for one in back.candidates] == [0, 1]
    assert back.chosen.reference == run.chosen.reference


def test_a_run_read_without_its_picture_says_so() -> None:
    back = Run.from_json(played().to_json())
    with pytest.raises(LookupError, match="was read without its picture"):
        _ = back.image
    assert back.candidates[0].image is NO_PICTURE and back.candidates[0].object_map is None


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"event": "no.such", "at": 0}, "'no.such' is unknown: there are step, candidate.ready"),
        ({}, "None is unknown"),
        ({"event": "layout.kept", "at": 0}, "'layout.kept' cannot be read"),
        ({"event": "layout.proposed", "at": 0, "object_box": [1, 2], "layout": None}, "cannot be read"),
    ],
)
def test_an_event_that_is_none_is_named(event: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Event.from_json(event)


def test_a_run_that_is_none_is_named() -> None:
    told = played().to_json()
    with pytest.raises(ValueError, match="no run as it was told .*'events'"):
        Run.from_json({name: value for name, value in told.items() if name != "events"})
    with pytest.raises(SettingsError, match="method='gone'"):
        Run.from_json({**told, "settings": {**told["settings"], "method": "gone"}})


def test_a_kind_needs_a_name_of_its_own() -> None:
    with pytest.raises(TypeError, match="'step' is taken"):

        class Another(Event):
            name = "step"


def test_a_preview_is_read_back_from_beside_its_step() -> None:
    preview = np.zeros((2, 2, 3), np.uint8)
    for index, name in ((1, "candidates/1/preview"), (None, "corrections/3/preview")):
        step = Stepped(0.5, index, 4, 9, 3, preview)
        assert step.arrays() == {name: preview}
        back = Event.from_json(step.to_json(), step.arrays())
        assert isinstance(back, Stepped) and back.preview is preview
        alone = Event.from_json(step.to_json())
        assert alone == Stepped(0.5, index, 4, 9, 3)
