"""Objects that stand before their verb, and the phrases that go with nouns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.errors import PromptError
from record.reading.data import phrases
from record.reading.passive import gerund, is_plural
from record.reading.prompt import Triplet, parse

PASSIVES = {
    "a ball is being kicked by a man": ("man|kicked||ball", "a man is kicking"),
    "a red ball is kicked by a tall woman in the park": ("woman|kicked||ball", "a tall woman is kicking"),
    "a photo of a dog being quietly walked by a man": ("man|walked||dog", "a man is walking"),
    "two boxes are being carried by two men": ("men|carried||boxes", "two men are carrying"),
    "a chair is being sat on by a woman": ("woman|sat|on|chair", "a woman is sitting"),
    "an umbrella is held by an old man": ("man|held||umbrella", "an old man is holding"),
    "a boat is being dribbled by a glass": ("glass|dribbled||boat", "a glass is dribbling"),
    "a horse ridden by a girl": ("girl|ridden||horse", "a girl is riding"),
    "there is a ball kicked by a boy on a bicycle": ("boy|kicked||ball", "a boy is kicking"),
    "a ball which is thrown by a girl": ("girl|thrown||ball", "a girl is throwing"),
}
ACTIVES = {
    "a man walked by a lake": "man|walked|by|lake",
    "a woman perched by a window": "woman|perched|by|window",
    "a man is holding a bag carried by a dog": "man|holding||bag",
    "a woman is riding a bicycle painted by a child": "woman|riding||bicycle",
}


@pytest.mark.parametrize(("text", "wanted"), PASSIVES.items())
def test_who_does_it_stands_behind_by(text: str, wanted: tuple[str, str]) -> None:
    prompt = parse(text)
    found = prompt.triplet
    assert ("|".join((found.subject, found.verb, found.preposition, found.object))) == wanted[0]
    assert prompt.intransitive == wanted[1]
    assert {role: text[slice(*span)] for role, span in prompt.spans.items()} == {
        "subject": found.subject, "verb": found.verb, "object": found.object,
    }  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), ACTIVES.items())
def test_by_may_say_where(text: str, wanted: str) -> None:
    found = parse(text).triplet
    assert "|".join((found.subject, found.verb, found.preposition, found.object)) == wanted


@pytest.mark.parametrize("text", ["a woman is seated by a lake", "a ball is being kicked by him"])
def test_what_has_no_one_who_does_it_is_refused(text: str) -> None:
    with pytest.raises(PromptError, match="give a triplet"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "triplet", "wanted"),
    [
        ("a ball is being kicked by a man", Triplet("man", "kick", "ball"), "a man is kicking"),
        ("a ball is being kicked by a man", Triplet("man", "kicking", "ball"), "a man is kicking"),
        ("a horse ridden by a girl", Triplet("girl", "ride", "horse"), "a girl is riding"),
        ("the ball that a man is kicking", Triplet("man", "kicking", "ball"), "a man is kicking"),
        ("a man with a ball, kicking", Triplet("man", "kicking", "ball"), "a man is kicking"),
    ],
)
def test_a_given_object_may_stand_before_the_verb(text: str, triplet: Triplet, wanted: str) -> None:
    assert parse(text, triplet).intransitive == wanted


def test_every_sentence_of_the_paper_can_be_turned_round() -> None:
    for phrase in phrases("hico-det"):
        if phrase.shows_interaction and not phrase.preposition:
            text = f"a {phrase.object} is being {phrase.verb} by a man"
            prompt = parse(text, Triplet("man", phrase.verb, phrase.object))
            assert prompt.intransitive == f"a man is {phrase.verb}"


def test_what_is_kept_says_where_it_stands_in_both() -> None:
    def pairs(text: str, triplet: Triplet | None = None) -> list[tuple[str, str]]:
        prompt = parse(text, triplet)
        return [(text[slice(*here)], prompt.intransitive[slice(*there)]) for here, there in prompt.kept]

    assert pairs("a man is kicking a ball") == [("a man is kicking", "a man is kicking")]
    assert pairs("a ball is being kicked by a man") == [("a man", "a man"), ("kicked", "kicking")]
    relative = pairs("the ball that a man is kicking", Triplet("man", "kicking", "ball"))
    assert relative == [("a man is kicking", "a man is kicking")]


OBJECTS = {
    "a woman is kicking a ball": "a ball",
    "a woman is kicking a small red ball in the park": "a small red ball",
    "a man is riding down a long, winding road": "a long, winding road",
    "a man is sitting on a very old wooden chair": "a very old wooden chair",
    "a book is lying open on a coffee table": "a coffee table",
    "a man is holding happily red balls": "red balls",
    "two men are carrying all the boxes": "all the boxes",
    "man riding horse": "horse",
    "a big red ball is being kicked by a man": "a big red ball",
}


@pytest.mark.parametrize(("text", "wanted"), OBJECTS.items())
def test_an_object_has_an_article_and_adjectives(text: str, wanted: str) -> None:
    assert text[slice(*parse(text).object_phrase)] == wanted


@pytest.mark.parametrize(
    ("past", "present"),
    [("kicked", "kicking"), ("carried", "carrying"), ("hugged", "hugging"), ("chased", "chasing"),
     ("thrown", "throwing"), ("riding", "riding")],
)  # fmt: skip
def test_a_participle_has_a_form_in_ing(past: str, present: str) -> None:
    assert gerund(past) == present


def test_are_goes_with_several() -> None:
    plural = ["two men", "girls", "a man and a woman"]
    assert [is_plural(one) for one in [*plural, "a man", "a glass"]] == [True, True, True, False, False]


@given(st.sampled_from([*PASSIVES]), st.data())
def test_the_object_never_stands_in_the_intransitive_sentence(text: str, data: st.DataObject) -> None:
    adjective = data.draw(st.sampled_from(["", "shiny ", "old ", "big blue "]))
    prompt = parse(text)
    start = prompt.spans["object"][0]
    decorated = parse(text[:start] + adjective + text[start:])
    assert decorated.triplet == prompt.triplet
    assert prompt.triplet.object not in decorated.intransitive
    assert adjective.strip() in decorated.text[slice(*decorated.object_phrase)]
