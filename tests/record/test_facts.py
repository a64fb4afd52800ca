import pytest

from record.errors import PromptError
from record.facts import Facts


def test_unknown_word_is_named_with_the_nearest_known_one() -> None:
    facts = Facts(vocabulary=("a", "man", "is", "kicking", "ball"), verbs=("kicking",))
    facts.check("a man is kicking a ball")
    with pytest.raises(PromptError, match="'kickin'.*did you mean 'kicking'"):
        facts.check("a man is kickin a ball")
