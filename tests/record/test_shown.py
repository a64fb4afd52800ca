from __future__ import annotations

from record.shown import MOST, cut, shown


def test_long_input_is_shown_in_part() -> None:
    assert cut("a" * MOST) == "a" * MOST
    assert cut("a" * (MOST + 1)) == "a" * (MOST - 3) + "..."
    assert shown("b") == "'b'" and shown({"a": [1]}) == "{'a': [1]}"
    assert len(shown(["c" * 1000] * 1000)) == MOST


def test_what_no_terminal_should_get_is_escaped() -> None:
    assert shown("\x1b\ud800") == r"'\x1b\ud800'"
