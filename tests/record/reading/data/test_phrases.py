"""Every phrase of the evaluation data sets is read as its data set has it, or clearly refused."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest
from transformers import CLIPTokenizerFast

from record.errors import PromptError
from record.reading.data import SUBJECTS, Phrase, Source, phrases
from record.reading.prompt import Prompt, Triplet, parse, token_indices

SOURCES = {"hico-det": (600, 520), "v-coco": (281, 254), "t2i-compbench": (518, 518)}
"""Phrases of each, and how many of them show an interaction."""
HEADS = {
    "old man": "man", "old woman": "woman", "young man": "man", "young woman": "woman",
    "elderly person": "person", "middle-aged person": "person",
}  # fmt: skip


def words(prompt: Prompt) -> dict[str, str]:
    return {role: prompt.text[slice(*span)] for role, span in prompt.spans.items()}


def interactions(source: Source) -> list[Phrase]:
    return [phrase for phrase in phrases(source) if phrase.shows_interaction]


@pytest.mark.parametrize(("source", "counts"), SOURCES.items())
def test_the_data_sets_are_whole(source: Source, counts: tuple[int, int]) -> None:
    assert (len(phrases(source)), len(interactions(source))) == counts


@pytest.mark.parametrize("source", SOURCES)
def test_every_interaction_is_read_as_the_data_set_has_it(source: Source) -> None:
    for phrase in interactions(source):
        prompt = parse(phrase.text)
        wanted = Triplet(prompt.triplet.subject, phrase.verb, phrase.object, phrase.preposition)
        assert prompt.triplet == wanted, phrase.text
        assert words(prompt) == {"subject": wanted.subject, "verb": wanted.verb, "object": wanted.object}
        assert prompt.intransitive == phrase.text[: prompt.spans["verb"][1]]
        assert source == "t2i-compbench" or wanted.subject == "person"


@pytest.mark.parametrize("source", ["hico-det", "v-coco"])
def test_every_other_phrase_is_clearly_refused(source: Source) -> None:
    for phrase in phrases(source):
        if not phrase.shows_interaction:
            with pytest.raises(PromptError, match="give a triplet") as caught:
                parse(phrase.text)
            assert caught.value.code == "no_interaction"


@pytest.mark.parametrize("source", ["hico-det", "v-coco"])
def test_the_sentences_of_the_paper_are_read_with_every_subject(source: Source) -> None:
    subjects = cycle(SUBJECTS)
    for phrase in interactions(source):
        for subject in (next(subjects), next(subjects)):
            prompt = parse(phrase.sentence(subject))
            wanted = Triplet(HEADS.get(subject, subject), phrase.verb, phrase.object, phrase.preposition)
            assert prompt.triplet == wanted, prompt.text
            assert prompt.intransitive.endswith(f"{subject} is {phrase.verb}")


def test_a_sentence_takes_the_right_articles() -> None:
    phrase = Phrase("hico-det", "", "sitting", "umbrella", "on")
    assert phrase.sentence("old man") == "an old man is sitting on an umbrella"
    with pytest.raises(ValueError, match="no interaction"):
        Phrase("v-coco", "a photo of a person smiling", "smiling", "", "").sentence("man")


@pytest.mark.parametrize("source", SOURCES)
def test_tokens_cover_exactly_the_words(source: Source, checkpoint: Path) -> None:
    """With a byte-pair tokenizer of few words, where most nouns are several tokens."""
    tokenizer = CLIPTokenizerFast.from_pretrained(checkpoint / "tokenizer")
    for phrase in interactions(source):
        prompt = parse(phrase.text)
        offsets = tokenizer(prompt.text, return_offsets_mapping=True)["offset_mapping"]
        for role, (start, end) in prompt.spans.items():
            tokens = [offsets[index] for index in token_indices(offsets, (start, end))]
            covered = {place for token in tokens for place in range(*token)}
            wanted = {place for place in range(start, end) if not prompt.text[place].isspace()}
            assert covered == wanted, f"{role} of {prompt.text!r}"
