from __future__ import annotations

import pytest
from transformers import CLIPTokenizer

from miniature.diffusion.tokenizer import CONTEXT, make_tokenizer, token_ids, word_mask
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
