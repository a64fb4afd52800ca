import pickle

import pytest

from record.errors import InputError, SettingsError
from record.settings import Settings


def test_given_values_win_over_the_checkpoints_defaults() -> None:
    settings = Settings.build({"steps": 20}, {"steps": 30, "guidance_scale": 4.0})
    assert (settings.steps, settings.guidance_scale) == (20, 4.0)


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
