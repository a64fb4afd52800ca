import pytest

from record.methods.placement import object_phrase, placements, surroundings
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


@pytest.mark.parametrize(
    ("text", "scene"),
    [
        ("a woman is kicking a ball", ""),
        ("a woman is kicking a ball in a park.", "in a park"),
        ("in a park, a young woman is kicking a red ball", "in a park"),
        ("a photo of a man sitting on a chair in a room", "a photo in a room"),
        ("there is a man riding a bicycle, and a dog in the street", "a dog in the street"),
    ],
)
def test_the_surroundings_name_neither_who_nor_what(text: str, scene: str) -> None:
    assert surroundings(parse(text)) == scene


def test_an_object_before_the_verb_is_no_part_of_the_surroundings() -> None:
    prompt = parse("a ball that a woman is kicking in a park", Triplet("woman", "kicking", "ball"))
    assert surroundings(prompt) == "in a park"


def test_the_person_is_placed_where_one_is_known() -> None:
    assert [(one.role, one.text, one.box) for one in placements(job())] == [
        ("object", "a ball", THING),
        ("subject", "a woman is kicking", PERSON),
    ]
    assert [one.role for one in placements(job(person=None))] == ["object"]
    assert placements(job(box=None)) == ()
