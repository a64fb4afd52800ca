"""Reading prompts: triplets, the intransitive prefix, spans, tokens, and errors that help."""

import json
import pickle
from dataclasses import asdict
from typing import Any

import pytest

from record.errors import PromptError
from record.reading.prompt import LONGEST_PROMPT, Prompt, Triplet, parse, token_indices

READINGS = [
    ("a woman is kicking a ball", ("woman", "kicking", "ball", ""), "a woman is kicking"),
    ("a man is feeding a bird in the park", ("man", "feeding", "bird", ""), "a man is feeding"),
    ("a photo of a boy riding a bicycle", ("boy", "riding", "bicycle", ""), "a photo of a boy riding"),
    ("photo: a man riding a horse, 4k", ("man", "riding", "horse", ""), "photo: a man riding"),
    ("two girls are playing with a dog", ("girls", "playing", "dog", "with"), "two girls are playing"),
    ("a man is sitting on an old wooden chair", ("man", "sitting", "chair", "on"), "a man is sitting"),
    ("a boy was happily riding a red fire hydrant", ("boy", "riding", "fire hydrant", ""), None),
    ("a running man kicks a ball", ("running man", "kicks", "ball", ""), "a running man kicks"),
    ("a man and a woman are riding a bicycle", ("man and a woman", "riding", "bicycle", ""), None),
    ("a tennis player is holding two rackets", ("tennis player", "holding", "rackets", ""), None),
    ("In a park, a man in a red coat is picking up a cat.", ("man", "picking", "cat", "up"), None),
    ("A man's standing in front of a car", ("man", "standing", "car", "in front of"), "A man's standing"),
    ("a man wearing a hat is riding a horse", ("man", "riding", "horse", ""), None),
    ("a person painting a fire hydrant", ("person", "painting", "fire hydrant", ""), None),
    ("a person eating a hot dog", ("person", "eating", "hot dog", ""), None),
    ("a boy is running and kicking a ball", ("boy", "kicking", "ball", ""), "a boy is running and kicking"),
    ("a family is eating pizza", ("family", "eating", "pizza", ""), "a family is eating"),
    ("a teddy bear is hugging a wedding ring", ("teddy bear", "hugging", "wedding ring", ""), None),
    ("a woman is holding a bouquet of flowers", ("woman", "holding", "bouquet of flowers", ""), None),
]


@pytest.mark.parametrize(("text", "triplet", "intransitive"), READINGS)
def test_reads_a_prompt(text: str, triplet: tuple[str, str, str, str], intransitive: str | None) -> None:
    prompt = parse(text)
    assert prompt.triplet == Triplet(*triplet)
    assert {role: text[slice(*span)] for role, span in prompt.spans.items()} == {
        "subject": triplet[0],
        "verb": triplet[1],
        "object": triplet[2],
    }
    assert prompt.intransitive == text[: prompt.spans["verb"][1]]
    assert intransitive is None or prompt.intransitive == intransitive


@pytest.mark.parametrize("text", ["", "  \n "])
def test_refuses_an_empty_prompt(text: str) -> None:
    with pytest.raises(PromptError, match="empty") as caught:
        parse(text)
    assert caught.value.code == "empty_prompt"


def test_refuses_a_long_prompt_and_names_both_lengths() -> None:
    with pytest.raises(PromptError, match="1008 characters, more than 1000") as caught:
        parse("a woman is kicking a ball".ljust(1007, "l") + "l")
    assert (caught.value.param, caught.value.code) == ("prompt", "prompt_too_long")
    assert parse("a woman is kicking a ball".ljust(LONGEST_PROMPT, "l")).triplet.verb == "kicking"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a red apple on a table", "subject 'apple', no verb, no object"),
        ("a boy is running", "subject 'boy', verb 'running', no object"),
        ("a person and a laptop", "no verb"),
        ("people are enjoying swimming", "no object"),
        ("a cooking woman", "no verb"),
        ("a child is learning to swim", "no object"),
        ("kicking a ball", "no subject"),
        ("!?", "no subject, no verb, no object"),
    ],
)
def test_says_what_was_read_where_there_is_no_interaction(text: str, read: str) -> None:
    with pytest.raises(PromptError, match="give a triplet") as caught:
        parse(text)
    assert read in caught.value.message
    assert caught.value.code == "no_interaction"


def test_looks_up_a_given_triplet() -> None:
    prompt = parse("old Bob juggles, beside Eve, with knives", Triplet("Bob", "juggle", "Knives", "with"))
    assert prompt.intransitive == "old Bob juggles"
    assert prompt.spans == {"subject": (4, 7), "verb": (8, 15), "object": (34, 40)}


def test_takes_a_preposition_given_with_the_verb() -> None:
    prompt = parse("a man sitting on a chair", Triplet("man", "sitting on", "chair"))
    assert prompt.triplet == Triplet("man", "sitting", "chair", "on")
    assert prompt.intransitive == "a man sitting"


def test_a_given_triplet_may_name_the_second_of_two_equal_words() -> None:
    prompt = parse("a dog is chasing a dog", Triplet("dog", "chasing", "dog"))
    assert prompt.spans["object"] == (19, 22)


@pytest.mark.parametrize("form", ["ride", "riding"])
def test_a_given_verb_may_be_in_its_base_form(form: str) -> None:
    assert parse("a man riding a horse", Triplet("man", form, "horse")).spans["verb"] == (6, 12)


@pytest.mark.parametrize(
    ("triplet", "message"),
    [
        (Triplet("man", "kicking", "ball"), "subject 'man' does not stand"),
        (Triplet("woman", "kicking", "all"), "object 'all' does not stand"),
        (Triplet("woman", "throwing", "ball"), "verb 'throwing' does not stand"),
        (Triplet("woman", "kicking", "ball", "with"), "preposition 'with' does not stand"),
        (Triplet("woman", "kicking", " "), "object is empty"),
    ],
)
def test_refuses_a_triplet_that_does_not_stand_in_the_prompt(triplet: Triplet, message: str) -> None:
    with pytest.raises(PromptError, match=message) as caught:
        parse("a woman is kicking a ball", triplet)
    assert (caught.value.param, caught.value.code) == ("triplet", "invalid_triplet")


def test_a_prompt_crosses_process_borders() -> None:
    prompt = parse("a woman is kicking a ball")
    assert pickle.loads(pickle.dumps(prompt)) == prompt


def test_token_indices_follow_characters_and_not_words() -> None:
    tokenizer = _word_piece_tokenizer()
    text = "a boy is unicycling over pineapples"
    offsets = tokenizer.encode(text).offsets
    prompt = parse(text)
    assert token_indices(offsets, prompt.spans["verb"]) == (4, 5, 6)
    assert token_indices(offsets, prompt.spans["object"]) == (8, 9)
    assert token_indices(offsets, (0, 1)) == (1,)


def test_special_tokens_and_padding_match_nothing() -> None:
    assert token_indices([(0, 0), (0, 1), (2, 5), (0, 0)], (0, 5)) == (1, 2)
    assert token_indices([(0, 0), (0, 1)], (2, 5)) == ()


def _word_piece_tokenizer() -> Any:
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import BertProcessing

    pieces = "[UNK] [CLS] [SEP] a boy is over uni ##cycl ##ing pine ##apples".split()
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    tokenizer.enable_padding(length=16)
    return tokenizer


def test_a_prompt_is_read_again_from_json() -> None:
    prompt = parse("a man is sitting on an old wooden chair")
    assert Prompt.from_json(json.loads(json.dumps(asdict(prompt)))) == prompt
