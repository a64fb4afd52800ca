from __future__ import annotations

import json

import pytest

from miniature.vlm.tokenizer import END, POSES, build, vocabulary
from record.reasoning.schemas import DIRECTIONS, ORIENTATIONS, RELATIONSHIPS, layout_schema, pose_schema

TOKENIZER = build()


def pose_answer(count: int) -> str:
    pairs = [[POSES[number], number] for number in range(count)]
    return json.dumps({"poses": pairs, "choice": pairs[-1]})


def layout_answer(direction: str, relationship: str, orientation: str) -> str:
    return json.dumps(
        {
            "pose_type": "static",
            "body_orientation": orientation,
            "facial_direction": direction,
            "object_relationship": relationship,
            "object_size": 10,
            "object_box": [0, 7, 42, 99],
        }
    )


LAYOUTS = [
    layout_answer(DIRECTIONS[i % 5], RELATIONSHIPS[i], ORIENTATIONS[i % 4]) for i in range(len(RELATIONSHIPS))
]


def ids_of(text: str) -> list[int]:
    ids: list[int] = TOKENIZER(text, add_special_tokens=False)["input_ids"]
    return ids


def test_ids_are_places_in_the_vocabulary() -> None:
    assert TOKENIZER.convert_tokens_to_ids(list(vocabulary())) == list(range(len(TOKENIZER)))


@pytest.mark.parametrize("answer", [pose_answer(1), pose_answer(5), pose_answer(8), *LAYOUTS])
def test_answers_survive_the_round_trip(answer: str) -> None:
    ids = ids_of(answer + END)
    assert TOKENIZER.unk_token_id not in ids
    assert TOKENIZER.decode(ids) == answer + END


def test_an_answer_over_five_pictures_is_short() -> None:
    assert len(ids_of(pose_answer(5) + END)) == 20


def test_numbers_are_one_token_each() -> None:
    assert [len(ids_of(str(number))) for number in range(100)] == [1] * 100


def test_unknown_words_are_unknown_and_case_does_not_matter() -> None:
    assert ids_of(" A Woman is Kicking a ball") == ids_of(" a woman is kicking a ball")
    assert TOKENIZER.unk_token_id in ids_of(" a woman is juggling a ball")


@pytest.mark.parametrize(
    ("answer", "schema"),
    [(pose_answer(5), pose_schema(5)), *[(a, layout_schema(limit=99, whole=True)) for a in LAYOUTS]],
)
def test_the_grammar_of_the_schema_takes_every_token(answer: str, schema: dict[str, object]) -> None:
    xgrammar = pytest.importorskip("xgrammar")
    info = xgrammar.TokenizerInfo.from_huggingface(TOKENIZER, vocab_size=len(TOKENIZER))
    grammar = xgrammar.GrammarCompiler(info).compile_json_schema(json.dumps(schema), any_whitespace=True)
    matcher = xgrammar.GrammarMatcher(grammar)
    for number in ids_of(answer):
        assert matcher.accept_token(number), vocabulary()[number]
    assert matcher.accept_token(TOKENIZER.eos_token_id)
    assert matcher.is_terminated()
