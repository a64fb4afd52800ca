from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from miniature.diffusion.tokenizer import (
    CONTEXT,
    check_vocabulary,
    make_tokenizer,
    token_ids,
    vocabulary_digest,
    word_mask,
)
from miniature.world.vocabulary import SPLIT_WORDS, words


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return make_tokenizer()


def test_every_word_is_cut_as_it_should_be(tokenizer: CLIPTokenizer) -> None:
    unknown = tokenizer.eos_token_id
    for word in words():
        pieces = tokenizer(word).input_ids[1:-1]
        assert unknown not in pieces
        assert (len(pieces) > 1) == (word in SPLIT_WORDS)


def test_the_longest_sentence_fits(tokenizer: CLIPTokenizer) -> None:
    text = "a photo of a woman jumping over an umbrella on the street"
    ids = token_ids(tokenizer, [text])
    assert ids.shape == (1, CONTEXT)
    assert tokenizer.decode(ids[0], skip_special_tokens=True).strip() == text


def test_offsets_name_the_words_of_the_text(tokenizer: CLIPTokenizer) -> None:
    text = "a boy is riding a bicycle"
    found = tokenizer(text, return_offsets_mapping=True)
    pieces = [text[a:b] for a, b in found["offset_mapping"][1:-1]]
    assert "".join(pieces[-2:]) == "bicycle" and pieces[:5] == text.split()[:5]


def test_word_mask_covers_all_pieces_of_the_first_place(tokenizer: CLIPTokenizer) -> None:
    ids = token_ids(tokenizer, ["an umbrella and a girl"])[0]
    assert word_mask(tokenizer, ids, "umbrella").nonzero().flatten().tolist() == [2, 3]
    assert word_mask(tokenizer, ids, "girl").nonzero().flatten().tolist() == [6]
    assert not word_mask(tokenizer, ids, "dog").any()
    assert not word_mask(tokenizer, ids, "").any()


def test_it_survives_saving(tokenizer: CLIPTokenizer, tmp_path: Path) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = CLIPTokenizer.from_pretrained(tmp_path)
    assert again("a man kicking an umbrella").input_ids == tokenizer("a man kicking an umbrella").input_ids


_PRINT = "from miniature.diffusion.tokenizer import *; print(vocabulary_digest(make_tokenizer()))"


def test_the_numbering_is_the_same_in_every_process(tokenizer: CLIPTokenizer) -> None:
    digests = set()
    for seed in ("0", "1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", _PRINT],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout.strip())
    assert digests == {vocabulary_digest(tokenizer)}


def test_the_numbering_is_a_function_of_the_words_alone() -> None:
    some = ["a", "box", "boy", "umbrella", "on", "of"]
    first, second = make_tokenizer(some, ("umbrella",)), make_tokenizer(some[::-1], ("umbrella",))
    assert first.get_vocab() == second.get_vocab()
    assert vocabulary_digest(first) == vocabulary_digest(second)
    assert len(first("umbrella").input_ids) == 4 and len(first("box").input_ids) == 3
    assert vocabulary_digest(make_tokenizer([*some, "dog"], ("umbrella",))) != vocabulary_digest(first)


def test_another_vocabulary_is_refused(tokenizer: CLIPTokenizer) -> None:
    check_vocabulary(vocabulary_digest(tokenizer), tokenizer, "here")
    for found in (None, "0" * 16):
        with pytest.raises(ValueError, match="here was made with another vocabulary"):
            check_vocabulary(found, tokenizer, "here")
