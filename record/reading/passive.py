"""Sentences in which the object stands before the verb: "a ball is being kicked by a man"."""

from __future__ import annotations

from collections.abc import Sequence

from record.reading import lexicon
from record.reading.phrases import Word, preposition_length


def find_participle(words: Sequence[Word]) -> tuple[int, int] | None:
    """The places of the first "kicked" of "kicked by", and of the word behind its "by"; else None.

    "by" says where as well ("a man is seated by a lake"), so only verbs that are known to have an object
    count, or any behind "being".
    """
    for place, word in enumerate(words[1:], 1):
        behind = place + 1
        if words[behind : behind + 1] and words[behind].lower != "by":  # "is being sat on by"
            behind += preposition_length(words, behind)
        if words[behind : behind + 1] and words[behind].lower == "by" and _is_suffered(words, place, word):
            return place, behind + 1
    return None


def gerund(verb: str) -> str:
    """The "-ing" form of a past participle: "kicked" -> "kicking"; a word of another form as it is."""
    word = verb.lower()
    if word in lexicon.PARTICIPLES:
        return lexicon.PARTICIPLES[word]
    if not word.endswith("ed"):
        return verb
    return word.removesuffix("ied") + "ying" if word.endswith("ied") else word.removesuffix("ed") + "ing"


def is_plural(phrase: str) -> bool:
    """Whether "are" goes with these nouns: "two men", "a man and a woman"."""
    words = phrase.lower().split()
    last = words[-1] if words else ""
    return "and" in words or last in lexicon.IRREGULAR_PLURALS or (last.endswith("s") and last[-2:] != "ss")


def _is_suffered(words: Sequence[Word], place: int, word: Word) -> bool:
    """Whether something is done to the thing before this word."""
    before = place - 1
    while before > 0 and words[before].is_adverb:
        before -= 1
    is_stated = words[before].lower in lexicon.AUXILIARIES
    if word.lower in lexicon.PARTICIPLES:
        return is_stated or not words[before].is_closed
    bases = _bases(word.lower) if word.is_past else frozenset()
    if words[before].lower == "being":
        return bool(bases)
    known = bases & lexicon.PRESENT_VERBS
    return bool(known) and (is_stated or not known & lexicon.VERBS_OF_MOTION)


def _bases(past: str) -> frozenset[str]:
    """What a word in "-ed" may be the past of: carried -> carry, chased -> chase, hugged -> hug."""
    stem = past.removesuffix("ed")
    doubled = stem[:-1] if stem[-1:] == stem[-2:-1] else stem
    return frozenset({stem, stem + "e", doubled, stem.removesuffix("i") + "y"})
