from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from deployments.seeing.chats import chat_watched
from deployments.seeing.figures import FIGURES, VLM_SECONDS, VLM_TOKENS, Counter, Histogram, meter_of
from tests.deployments.seeing.conftest import Told


def test_every_figure_has_a_name_of_its_own_with_its_unit() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names) > 10
    for figure in FIGURES:
        assert re.fullmatch(r"record_[a-z_]+", figure.name)
        assert isinstance(figure, Counter) == figure.name.endswith("_total")
        assert figure.said and list(getattr(figure, "bounds", ())) == sorted(getattr(figure, "bounds", ()))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_ray_takes_every_figure(figure: Counter | Histogram) -> None:
    assert tuple(meter_of(figure).info["tag_keys"]) == figure.labels


def test_a_label_that_is_left_out_is_an_error() -> None:
    with pytest.raises(KeyError):
        VLM_TOKENS.add(3)


def test_an_answer_of_the_model_is_timed_and_its_tokens_counted(told: Callable[..., Told]) -> None:
    with chat_watched() as heard:
        heard({"choices": [], "usage": {"prompt_tokens": 40, "completion_tokens": 7}})
    with chat_watched() as heard:
        heard({"error": {"message": "too long"}})
    with pytest.raises(TimeoutError), chat_watched():
        raise TimeoutError
    assert [tags["outcome"] for _, tags in told(VLM_SECONDS)] == ["answered", "error", "away"]
    assert told(VLM_TOKENS) == [(40, {"kind": "prompt"}), (7, {"kind": "completion"})]
