from __future__ import annotations

import pytest
import typer

from record.geometry import Box
from record.reading.prompt import Triplet
from record_cli.asking import Ask, read_box, read_settings, read_triplet


def test_a_box_is_four_numbers_inside_the_picture() -> None:
    assert read_box("0.5, 0.6,0.75,1") == Box(0.5, 0.6, 0.75, 1)


@pytest.mark.parametrize("text", ["", "1,2,3", "a,b,c,d", "0,0,2,1", "0.5,0.5,0.5,0.9", "nan,0,1,1"])
def test_what_is_no_box_is_named(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=repr(text)):
        read_box(text)


def test_a_triplet_has_three_words_or_four() -> None:
    assert read_triplet("boy, sitting, chair, on") == Triplet("boy", "sitting", "chair", "on")
    assert read_triplet("boy,kicking,ball") == Triplet("boy", "kicking", "ball", "")
    with pytest.raises(typer.BadParameter, match="write subject,verb,object"):
        read_triplet("boy,,ball")


def test_settings_are_read_as_plain_values() -> None:
    given = ["steps=9", "cross_edit=false", "step_size=0.5", "base_branch=one_row"]
    assert read_settings(given) == {
        "steps": 9,
        "cross_edit": False,
        "step_size": 0.5,
        "base_branch": "one_row",
    }


@pytest.mark.parametrize("pair", ["steps", "=3", "steps=[1"])
def test_what_is_no_setting_is_named(pair: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"write name=value|cannot be read"):
        read_settings([pair])


def test_asking_with_other_settings_leaves_the_first_as_it_was() -> None:
    ask = Ask("p", settings={"steps": 3, "seed": 1})
    assert ask.but(seed=2).settings == {"steps": 3, "seed": 2} and ask.settings["seed"] == 1
