"""The tokenizer keeps answers short and whole, and the grammar of the schemas lets them through."""

from __future__ import annotations

import json
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from miniature.vlm.tokenizer import IMAGE, NUMBERS, POSES, build
from record.reasoning.schemas import layout_schema, pose_schema

POSE_ANSWER = {
    "poses": [["kicking", 0], ["sitting on", 1], ["standing", 2], ["jumping over", 3], ["riding", 4]],
    "choice": ["sitting on", 1],
}
LAYOUT_ANSWER = {
    "pose_type": "static",
    "body_orientation": "angled",
    "facial_direction": "at the viewer",
    "object_relationship": "near the person",
    "object_size": 10,
    "object_box": [0, 7, 42, 99],
}


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return build()


def ids_of(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    ids: list[int] = tokenizer(text)["input_ids"]
    return ids


@pytest.mark.parametrize(
    ("text", "length"),
    [
        (json.dumps(POSE_ANSWER), 22),
        (json.dumps(LAYOUT_ANSWER), 19),
        ("mend: a man is riding a dog [45 2] [none] ", 15),
    ],
)
def test_texts_survive_and_are_short(tokenizer: PreTrainedTokenizerFast, text: str, length: int) -> None:
    ids = ids_of(tokenizer, text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.unk_token_id not in ids
    assert len(ids) <= length


def test_numbers_are_one_token_each(tokenizer: PreTrainedTokenizerFast) -> None:
    assert all(len(ids_of(tokenizer, number)) == 1 for number in NUMBERS)


def test_a_pose_in_an_answer_is_one_token(tokenizer: PreTrainedTokenizerFast) -> None:
    for pose in POSES:
        tokens = tokenizer.convert_ids_to_tokens(ids_of(tokenizer, f'{{"poses": [["{pose}", 0'))
        assert len(tokens) == 3


def test_unknown_words_do_not_fail(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.unk_token_id in ids_of(tokenizer, "choose: a wizard is juggling a planet")


def test_the_chat_template(tokenizer: PreTrainedTokenizerFast) -> None:
    content = [{"type": "text", "text": "0:"}, {"type": "image"}]
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    assert text == f"<user>0:{IMAGE}<assistant>"


@pytest.mark.parametrize(
    ("answer", "schema"),
    [(POSE_ANSWER, pose_schema(5)), (LAYOUT_ANSWER, layout_schema(limit=99, whole=True))],
    ids=["poses", "layout"],
)
def test_the_grammar_accepts_the_answer_token_by_token(
    tokenizer: PreTrainedTokenizerFast, answer: dict[str, Any], schema: dict[str, Any]
) -> None:
    xgrammar = pytest.importorskip("xgrammar")
    information = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=len(tokenizer))
    compiled = xgrammar.GrammarCompiler(information).compile_json_schema(json.dumps(schema))
    matcher = xgrammar.GrammarMatcher(compiled)
    for token in ids_of(tokenizer, json.dumps(answer)):
        assert matcher.accept_token(token), tokenizer.convert_ids_to_tokens(token)
    assert matcher.accept_token(tokenizer.eos_token_id)
    assert matcher.is_terminated()
