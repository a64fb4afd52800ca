import pytest

from record.methods.placement import object_phrase, placements
from record.reading.prompt import Triplet, parse
from tests.record.methods.fakes import PERSON, THING, job


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("a woman is kicking a ball", "a ball"),
        ("a man is sitting on the old wooden bench in a park", "the old wooden bench"),
        ("two men are riding horses", "horses"),
    ],
)
def test_the_object_keeps_its_article_and_adjectives(text: str, phrase: str) -> None:
    assert object_phrase(parse(text)) == phrase


def test_an_object_before_the_verb_keeps_them_too() -> None:
    prompt = parse("a ball that a woman is kicking", Triplet("woman", "kicking", "ball"))
    assert object_phrase(prompt) == "a ball"


def test_the_person_is_placed_where_one_is_known() -> None:
    assert [(one.role, one.text, one.box) for one in placements(job())] == [
        ("object", "a ball", THING),
        ("subject", "a woman is kicking", PERSON),
    ]
    assert [one.role for one in placements(job(person=None))] == ["object"]
    assert placements(job(box=None)) == ()
