from __future__ import annotations

import pickle

import pytest

from record.errors import PromptError, message_in


@pytest.mark.parametrize(
    ("body", "told"),
    [({"message": "no"}, "no"), ({"message": ""}, "status 500"), ("no", "status 500"), (None, "status 500")],
)
def test_another_service_is_told_in_its_own_words_where_it_has_any(body: object, told: str) -> None:
    assert message_in(body, "status 500") == told


def test_an_input_error_keeps_its_field_and_code_across_processes() -> None:
    error = pickle.loads(pickle.dumps(PromptError("no", param="prompt", code="unknown_word")))
    assert (str(error), error.param, error.code) == ("no", "prompt", "unknown_word")
