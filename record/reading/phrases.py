"""Words and noun phrases of a prompt, by word class and order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from record.reading import lexicon

Span = tuple[int, int]

_WORD = re.compile(r"['’](?:s|re)\b|\w+(?:-\w+|['’](?!(?:s|re)\b)\w+)*|[.,;:!?()]", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """A word or mark as it stands in the prompt, with its characters start..end."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """The word in lower case, as the lexicon has it."""
        return self.text.lower().replace("’", "'")

    @property
    def is_mark(self) -> bool:
        """Whether this is punctuation."""
        return not self.text[0].isalnum() and not self.lower.startswith("'")

    @property
    def is_participle(self) -> bool:
        """Whether this looks like the "-ing" form of a verb."""
        return len(self.lower) > 4 and self.lower.endswith("ing") and self.lower not in lexicon.AUXILIARIES

    @property
    def is_gerund(self) -> bool:
        """Whether this is an "-ing" word that does not name a thing."""
        return self.is_participle and self.lower not in lexicon.NOUNS_IN_ING

    @property
    def is_past(self) -> bool:
        """Whether this looks like the "-ed" form of a verb."""
        return (
            len(self.lower) > 4 and self.lower.endswith("ed") and not self.lower.endswith(lexicon.NOUNS_IN_ED)
        )

    @property
    def is_present(self) -> bool:
        """Whether this is the third person of a known verb: carries, catches, rides."""
        word = self.lower
        base = word[:-2] if word.endswith(("ches", "shes", "sses")) else word[:-1]
        carried = word.endswith("ies") and word[:-3] + "y" in lexicon.PRESENT_VERBS
        return word.endswith("s") and (carried or base in lexicon.PRESENT_VERBS)

    @property
    def is_adverb(self) -> bool:
        """Whether this is an adverb: one of the listed, or a word in "-ly"."""
        other = lexicon.ADJECTIVES | lexicon.NOUNS_IN_LY
        in_ly = len(self.lower) > 4 and self.lower.endswith("ly") and self.lower not in other
        return in_ly or self.lower in lexicon.ADVERBS

    @property
    def is_adjective(self) -> bool:
        """Whether this is an adjective, if a noun follows: one of the listed, or of their endings."""
        return self.lower in lexicon.ADJECTIVES or (
            len(self.lower) > 5 and self.lower.endswith(lexicon.ADJECTIVE_ENDINGS)
        )

    @property
    def is_closed(self) -> bool:
        """Whether no noun phrase goes on over this: a mark, or a word of a closed class."""
        closed = lexicon.PREPOSITIONS | lexicon.CONJUNCTIONS | lexicon.AUXILIARIES | lexicon.DETERMINERS
        return self.is_mark or self.lower in closed | {"of"}


def split_words(text: str) -> list[Word]:
    """The words and marks of a text, in order; "'s" stands for itself."""
    return [Word(match.group(), *match.span()) for match in _WORD.finditer(text)]


def preposition_length(words: Sequence[Word], index: int) -> int:
    """How many words a preposition at `index` has; 0 if none stands there."""
    for phrase in lexicon.COMPOUND_PREPOSITIONS:
        parts = phrase.split()
        if [word.lower for word in words[index : index + len(parts)]] == parts:
            return len(parts)
    return int(index < len(words) and words[index].lower in lexicon.PREPOSITIONS)


def noun_phrase(words: Sequence[Word], conjoined: bool = False) -> tuple[Word, ...]:
    """The nouns of the phrase the words open with, without articles and leading adjectives.

    With `conjoined` an "and" goes on with the phrase, as in "a man and a woman". Empty where no phrase
    stands, and where it holds nothing but a pronoun or a gerund.
    """
    nouns: list[Word] = []
    for index, word in enumerate(words):
        if nouns and (word.lower in {"of", "'s"} or (conjoined and word.lower == "and")):
            nouns.append(word)
        elif word.lower in lexicon.DETERMINERS and (not nouns or nouns[-1].lower in {"and", "of"}):
            nouns += [word] if nouns else []
        elif _is_comma_in_a_row(words, index, nouns) or _is_degree(words, index):
            continue
        elif _ends_phrase(words, index, nouns):
            break
        else:
            nouns.append(word)
    while len(nouns) > 1 and _is_attribute_of(nouns[0], nouns[1]):
        nouns.pop(0)
    while nouns and nouns[-1].lower in lexicon.DETERMINERS | {"and", "of", "'s"}:
        nouns.pop()
    alone = len(nouns) == 1 and nouns[0] is words[0]
    if not nouns or nouns[0].lower in lexicon.PRONOUNS or (alone and nouns[0].is_gerund):
        return ()
    return tuple(nouns)


def whole_phrase(text: str, head: Span, after: int = 0) -> Span:
    """The characters of a noun phrase with its article and adjectives, given those of its nouns.

    It begins behind character `after`: "a red ball" in "a man kicking a red ball", for "ball".
    """
    words = [word for word in split_words(text[: head[0]]) if word.start >= after]
    first = len(words)
    while first and (not words[first - 1].is_closed or _parts_adjectives(words, first - 1)):
        first -= 1
    determined = first
    first -= int(first > 0 and words[first - 1].lower in lexicon.DETERMINERS)
    first -= int(0 < first < determined and words[first - 1].lower in {"all", "both"})
    while first == determined < len(words) and words[first].is_adverb:  # "holding happily red balls"
        first = determined = first + 1
    return (words[first].start if first < len(words) else head[0]), head[1]


def precedes_determiner(words: Sequence[Word], index: int) -> bool:
    """Whether an article or the like stands behind the word at `index`."""
    return index + 1 < len(words) and words[index + 1].lower in lexicon.DETERMINERS


def span_of(words: Sequence[Word]) -> Span | None:
    """The characters from the first word to the last; None without words."""
    return (words[0].start, words[-1].end) if words else None


def _is_comma_in_a_row(words: Sequence[Word], index: int, nouns: Sequence[Word]) -> bool:
    """Whether this comma parts adjectives, as in "a long, winding road"."""
    return words[index].text == "," and bool(nouns) and all(noun.is_adjective for noun in nouns)


def _parts_adjectives(words: Sequence[Word], index: int) -> bool:
    return index > 0 and words[index].text == "," and words[index - 1].is_adjective


def _is_degree(words: Sequence[Word], index: int) -> bool:
    """Whether an adverb goes with the adjective behind it, as in "a very old chair"."""
    after_determiner = index > 0 and words[index - 1].lower in lexicon.DETERMINERS
    goes_on = index + 1 < len(words) and not words[index + 1].is_closed
    return words[index].is_adverb and after_determiner and goes_on


def _ends_phrase(words: Sequence[Word], index: int, nouns: Sequence[Word]) -> bool:
    word = words[index]
    if word.is_closed:
        return True
    if word.is_adverb:  # but "on its back", "to her home"
        return index == 0 or words[index - 1].lower not in lexicon.DETERMINERS
    named = any(not (noun.is_gerund or noun.is_adjective) for noun in nouns)
    at_end = index + 1 == len(words) or words[index + 1].is_closed or words[index + 1].is_adverb
    verb = word.is_present and precedes_determiner(words, index)  # "a hat kicks a ball"
    modal = word.lower in lexicon.MODALS and not at_end  # "a dog can run", but "a paint can"
    return named and (verb or modal or word.is_gerund or (word.is_past and at_end))


def _is_attribute_of(word: Word, following: Word) -> bool:
    pair = (word.lower, following.lower)
    return word.is_adjective and following.lower != "of" and pair not in lexicon.COMPOUNDS
