"""Words, noun phrases and clauses of a prompt, by word class and order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from record import lexicon

Span = tuple[int, int]

_WORD = re.compile(r"['’](?:s|re)\b|\w+(?:[-]\w+|['’](?!(?:s|re)\b)\w+)*|[.,;:!?()\"]")


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


@dataclass(frozen=True)
class Clause:
    """The characters of what was found; None for what was not."""

    subject: Span | None = None
    verb: Span | None = None
    preposition: Span | None = None
    object: Span | None = None


def split_words(text: str) -> list[Word]:
    """The words and marks of a text, in order; "'s" stands for itself."""
    return [Word(match.group(), *match.span()) for match in _WORD.finditer(text)]


def find_clause(text: str) -> Clause:
    """The first complete clause of the text, else as much of one as there is."""
    words = split_words(text)
    best = Clause()
    for index in _verbs(words):
        subject = _subject(words, index)
        preposition, thing = _object(words, index + 1)
        found = Clause(subject, (words[index].start, words[index].end), preposition, thing)
        if subject and thing:
            return found
        if best.verb is None:
            best = found
    if best.verb is None:
        best = Clause(subject=_subject(words, len(words)))
    return best


def _verbs(words: Sequence[Word]) -> Iterator[int]:
    """Where a verb may stand, the likeliest first."""
    participles = [i for i, word in enumerate(words) if _is_participle(word)]
    after_auxiliary = [i for i in participles if _has_auxiliary(words, i)]
    yield from after_auxiliary
    for i in participles:
        if i not in after_auxiliary and not _is_attribute(words, i) and not _is_thing(words, i):
            yield i
    for i, word in enumerate(words):
        if i > 0 and _base(word.lower) in lexicon.PRESENT_VERBS and not _is_attribute(words, i):
            yield i


def _has_auxiliary(words: Sequence[Word], index: int) -> bool:
    """Whether "is", or "is" and adverbs, stand right before."""
    before = index - 1
    while before > 0 and _is_adverb(words[before]):
        before -= 1
    return before >= 0 and words[before].lower in lexicon.AUXILIARIES


def _is_attribute(words: Sequence[Word], index: int) -> bool:
    """Whether the word goes with others, as in "a running man" or ", making sure"."""
    before = words[index - 1].lower if index else ","
    return before in lexicon.DETERMINERS | lexicon.ADJECTIVES | lexicon.PREPOSITIONS | {"of", ","}


def _is_thing(words: Sequence[Word], index: int) -> bool:
    """Whether an "-ing" word is a noun, as in "a king of" but not in "painting a wall"."""
    following = words[index + 1].lower if index + 1 < len(words) else ""
    return words[index].lower in lexicon.NOUNS_IN_ING and following not in lexicon.DETERMINERS


def _base(word: str) -> str:
    """A third person's base form: carries, catches, rides; "" for other words."""
    if word.endswith("ies"):
        return "lie" if word == "lies" else "tie" if word == "ties" else word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else ""


def _subject(words: Sequence[Word], verb: int) -> Span | None:
    """The first noun phrase of the clause that leads up to the verb."""
    stops = [i for i in range(verb) if words[i].lower in {".", ";", ":", "!", "?"}]
    first = stops[-1] + 1 if stops else 0
    if first < verb and words[first].lower in lexicon.PREPOSITIONS:  # "in a park, a man is ..."
        commas = [i for i in range(first, verb) if words[i].text == ","]
        first = commas[0] + 1 if commas else first
    for i in range(first, verb - 1):
        if words[i].lower in lexicon.PICTURES and words[i + 1].lower == "of":
            first = i + 2
            break
        if words[i].lower in lexicon.PICTURES and words[i + 1].text in {",", ":"}:
            first = i + 2
    return _noun_phrase(words[first:verb], conjoined=True)


def _object(words: Sequence[Word], first: int) -> tuple[Span | None, Span | None]:
    """The preposition, if any, and the noun phrase that follow a verb."""
    while first < len(words) and _is_adverb(words[first]):
        first += 1
    end = first
    while end < len(words) and (length := _preposition_length(words, end)):
        end += length
    leading = words[first].lower if end > first else ""
    if leading in lexicon.TIMES or (
        leading == "to" and words[first - 1].lower in lexicon.VERBS_WITH_INFINITIVE
    ):
        return None, None
    preposition = (words[first].start, words[end - 1].end) if end > first else None
    return preposition, _noun_phrase(words[end:])


def _preposition_length(words: Sequence[Word], index: int) -> int:
    """How many words a preposition at `index` has; 0 if none stands there."""
    for phrase in lexicon.COMPOUND_PREPOSITIONS:
        parts = phrase.split()
        if [word.lower for word in words[index : index + len(parts)]] == parts:
            return len(parts)
    return int(words[index].lower in lexicon.PREPOSITIONS)


def _noun_phrase(words: Sequence[Word], conjoined: bool = False) -> Span | None:
    """The nouns of the phrase the words open with, without articles and leading adjectives.

    With `conjoined` an "and" goes on with the phrase, as in "a man and a woman".
    """
    nouns: list[Word] = []
    for word in words:
        joined = conjoined and nouns and word.lower == "and"
        if joined or (nouns and word.lower == "of") or (nouns and word.lower == "'s"):
            nouns.append(word)
        elif word.lower in lexicon.DETERMINERS and (not nouns or nouns[-1].lower in {"and", "of"}):
            nouns += [word] if nouns else []
        elif word.text == "," and nouns and all(noun.lower in lexicon.ADJECTIVES for noun in nouns):
            continue
        elif _ends_phrase(word, any(not _is_gerund(noun) for noun in nouns)):
            break
        else:
            nouns.append(word)
    while len(nouns) > 1 and _is_adjective(nouns[0], nouns[1]):
        nouns.pop(0)
    while nouns and nouns[-1].lower in lexicon.DETERMINERS | {"and", "of", "'s"}:
        nouns.pop()
    alone = len(nouns) == 1 and nouns[0] is words[0]
    if not nouns or nouns[0].lower in lexicon.SELVES or (alone and _is_gerund(nouns[0])):
        return None
    return nouns[0].start, nouns[-1].end


def _ends_phrase(word: Word, has_noun: bool) -> bool:
    closed = lexicon.PREPOSITIONS | lexicon.CONJUNCTIONS | lexicon.AUXILIARIES | lexicon.DETERMINERS
    return word.is_mark or word.lower in closed or _is_adverb(word) or (has_noun and _is_gerund(word))


def _is_adjective(word: Word, following: Word) -> bool:
    return word.lower in lexicon.ADJECTIVES and (word.lower, following.lower) not in lexicon.COMPOUNDS


def _is_gerund(word: Word) -> bool:
    return _is_participle(word) and word.lower not in lexicon.NOUNS_IN_ING


def _is_participle(word: Word) -> bool:
    return len(word.lower) > 4 and word.lower.endswith("ing") and word.lower not in lexicon.AUXILIARIES


def _is_adverb(word: Word) -> bool:
    other = lexicon.ADJECTIVES | lexicon.NOUNS_IN_LY
    return word.lower in lexicon.ADVERBS or (
        len(word.lower) > 4 and word.lower.endswith("ly") and word.lower not in other
    )
