import pickle
from typing import get_args

import pytest

from record.errors import InputError, SettingsError
from record.facts import Family
from record.settings import Settings


def test_given_values_win_over_the_checkpoints_defaults() -> None:
    settings = Settings.build({"steps": 20}, {"steps": 30, "guidance_scale": 4.0})
    assert (settings.steps, settings.guidance_scale) == (20, 4.0)


@pytest.mark.parametrize(
    ("family", "published"),
    [("sd1", (20.0, 0.5, 0)), ("sd2", (15.0, 0.3, 16)), ("sdxl", (20.0, 0.5, 32))],
)
def test_paper_is_what_was_published_for_the_kind_of_model(
    family: Family, published: tuple[float, float, int]
) -> None:
    settings = Settings.build({"preset": "paper"}, {"step_size": 0.1}, family)
    assert (settings.step_size, settings.guided_share, settings.self_edit_resolution) == published
    assert (settings.base_branch, settings.special_tokens, settings.candidates) == (
        "two_rows",
        "intransitive",
        5,
    )
    assert Settings.build({"preset": "paper", "step_size": 3.0}, None, family).step_size == 3.0


@pytest.mark.parametrize("method", ["boxdiff", "attend_and_excite"])
def test_the_other_methods_papers_say_the_same_for_every_model(method: str) -> None:
    for family in get_args(Family):
        settings = Settings.build({"preset": "paper", "method": method}, None, family)
        assert (settings.step_size, settings.guided_share) == (20.0, 0.5)


def test_checkpoints_that_say_nothing_have_a_branch_of_their_own() -> None:
    assert Settings.build({}).base_branch == "two_rows"


def test_unknown_setting_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean 'candidates'") as caught:
        Settings.build({"candidate": 3})
    assert caught.value.param == "candidate"


def test_out_of_range_names_field_and_value() -> None:
    with pytest.raises(SettingsError, match="steps=0") as caught:
        Settings.build({"steps": 0})
    assert caught.value.param == "steps"


def test_input_errors_cross_process_borders_whole() -> None:
    copy = pickle.loads(pickle.dumps(InputError("no", param="box", code="bad_box")))
    assert (str(copy), copy.param, copy.code) == ("no", "box", "bad_box")


@pytest.mark.parametrize("odd", [{"steps": "5"}, {"candidates": True}, {"strict": 1}, {"step_size": "3"}])
def test_strictly_nothing_is_read_as_another_type(odd: dict[str, object]) -> None:
    Settings.build(odd)
    with pytest.raises(SettingsError, match=next(iter(odd))):
        Settings.build(odd, strict=True)
    assert Settings.build({"guidance_scale": 3}, strict=True).guidance_scale == 3.0
