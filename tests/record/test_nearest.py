from __future__ import annotations

import pytest

from record.nearest import guess, remedy


@pytest.mark.parametrize(("name", "told"), [("stepz", "did you mean 'steps'?"), ("zzz", "")])
def test_a_name_like_it_is_guessed(name: str, told: str) -> None:
    assert guess(name, {"steps", "seed"}) == told


def test_where_none_is_like_it_all_are_listed_in_order() -> None:
    assert remedy("zzz", ["steps", "seed"], "settings") == "known settings: seed, steps"
    assert remedy("sted", iter(["steps", "seed"]), "settings") == "did you mean 'seed'?"


def test_how_like_names_must_be_can_be_said() -> None:
    assert guess("difusio_n", ["fusion"], likeness=0.9) == ""
    assert guess("difusio_n", ["fusion"], likeness=0.5) == "did you mean 'fusion'?"
