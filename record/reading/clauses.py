"""The clause of a prompt that says who does what with what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from record.reading import lexicon
from record.reading.passive import find_participle
from record.reading.phrases import (
    Span,
    Word,
    noun_phrase,
    precedes_determiner,
    preposition_length,
    span_of,
    split_words,
)


@dataclass(frozen=True)
class Clause:
    """The characters of what was found; None for what was not."""

    subject: Span | None = None
    verb: Span | None = None
    preposition: Span | None = None
    object: Span | None = None


def find_clause(text: str) -> Clause:
    """The first complete clause of the text, else as much of one as there is."""
    words = split_words(text)
    best, passive = Clause(), _passive(words)
    for index in _verbs(words):
        if passive is not None and passive.verb is not None and passive.verb[0] <= words[index].start:
            return passive
        subject = _subject(words, index)
        preposition, thing = _object(words, index)
        found = Clause(subject, (words[index].start, words[index].end), preposition, thing)
        if subject and thing:
            return found
        if best.verb is None:
            best = found
    if passive is not None:
        return passive
    if best.verb is None:
        best = Clause(subject=_subject(words, len(words)))
    return best


def _passive(words: Sequence[Word]) -> Clause | None:
    """The clause of "a ball is being kicked by a man": who does it stands behind "by"."""
    places = find_participle(words)
    if places is None:
        return None
    verb, agent = places
    thing, doer = _subject(words, verb), span_of(noun_phrase(words[agent:], conjoined=True))
    if thing is None or doer is None:
        return None
    preposition = span_of(words[verb + 1 : agent - 1])
    return Clause(doer, (words[verb].start, words[verb].end), preposition, thing)


def _verbs(words: Sequence[Word]) -> Iterator[int]:
    """Where a verb may stand, the likeliest first."""
    places = range(len(words))
    continuous = [i for i in places if words[i].is_participle and _has_auxiliary(words, i)]
    yield from continuous
    free = [i for i in places if not _has_auxiliary(words, i) and not _is_attribute(words, i)]
    for i in free:
        if words[i].is_participle and not _is_thing(words, i):
            yield i
        elif i > 0 and (_is_present(words, i) or _is_finite(words, i)):
            yield i
    yield from (i for i in places if _is_infinitive(words, i))
    yield from (i for i in free if _is_between_noun_and_article(words, i))
    yield from (i for i in free if i > 0 and words[i].is_past and preposition_length(words, i + 1))
    if not continuous:  # "a woman, holding an umbrella"
        yield from (i for i in places if i > 0 and words[i].is_participle and words[i - 1].text == ",")


def _before(words: Sequence[Word], index: int) -> int:
    """The place of the word before, adverbs passed over; -1 at the start."""
    index -= 1
    while index > 0 and words[index].is_adverb:
        index -= 1
    return index


def _has_auxiliary(words: Sequence[Word], index: int) -> bool:
    """Whether "is" stands before, with nothing but adverbs between: "are each happily riding"."""
    before = _before(words, index)
    while before > 0 and words[before].lower in lexicon.FLOATING:
        before = _before(words, before)
    return before >= 0 and words[before].lower in lexicon.AUXILIARIES


def _is_attribute(words: Sequence[Word], index: int) -> bool:
    """Whether the word goes with others, as in "a running man" or ", making sure"."""
    before = words[_before(words, index)].lower if index else ","
    return before in lexicon.DETERMINERS | lexicon.ADJECTIVES | lexicon.PREPOSITIONS | {"of", ","}


def _is_thing(words: Sequence[Word], index: int) -> bool:
    """Whether an "-ing" word is a noun, as in "a king of" but not in "painting a wall"."""
    return words[index].lower in lexicon.NOUNS_IN_ING and not precedes_determiner(words, index)


def _is_present(words: Sequence[Word], index: int) -> bool:
    """Whether this is a known verb: "rides", or "ride" behind a plural."""
    before = words[index - 1].lower
    plural = before.endswith("s") or before in lexicon.IRREGULAR_PLURALS
    return words[index].is_present or (plural and words[index].lower in lexicon.PRESENT_VERBS)


def _is_infinitive(words: Sequence[Word], index: int) -> bool:
    """Whether this is the verb of "is learning to ride" or of "can ride"."""
    known = words[index].lower in lexicon.PRESENT_VERBS
    opener = words[index - 1].lower if index else ""
    return known and (opener in lexicon.MODALS or (opener == "to" and _auxiliary(words[:index])))


def _is_finite(words: Sequence[Word], index: int) -> bool:
    """Whether a word in "-s" or "-ed" parts a noun from an article: "juggles the", "tuned their"."""
    regular = words[index].lower.endswith("s") or words[index].is_past
    return regular and _is_between_noun_and_article(words, index)


def _is_between_noun_and_article(words: Sequence[Word], index: int) -> bool:
    """In English only a verb stands there."""
    if index == 0 or words[index].is_closed or words[index].is_adverb:
        return False
    before = words[_before(words, index)]
    after_noun = not (before.is_closed or before.is_adverb or before.is_gerund)
    return after_noun and precedes_determiner(words, index)


def _subject(words: Sequence[Word], verb: int) -> Span | None:
    """The first noun phrase of the clause that leads up to the verb."""
    first = _clause_start(words, verb)
    verb -= int(verb > first and words[verb - 1].lower in lexicon.MODALS)
    if first < verb and words[first].lower in lexicon.PREPOSITIONS:  # "in a park, a man is ..."
        commas = [i for i in range(first, verb) if words[i].text == ","]
        first = commas[0] + 1 if commas else first
    if _auxiliary(words[first + 1 : first + 2]) and (words[first].is_adverb or words[first].is_closed):
        first += 2  # "there is a man riding ..."
    first = _behind_pictures(words, first, verb)
    nouns = noun_phrase(words[first:verb], conjoined=True)
    while nouns and precedes_determiner(words[:verb], words.index(nouns[-1])):  # "draw a man riding ..."
        first = words.index(nouns[-1]) + 1
        nouns = noun_phrase(words[first:verb], conjoined=True)
    return span_of(nouns)


def _behind_pictures(words: Sequence[Word], first: int, verb: int) -> int:
    """Behind "a photo of", "photo:" and "a picture of a painting of"."""
    place, end = first, verb - 1
    while place < end:
        if words[place].lower in lexicon.PICTURES and words[place + 1].lower in {"of", ",", ":"}:
            first = place = place + 2
            end = min(end, first + 3)
        else:
            place += 1
    return first


def _clause_start(words: Sequence[Word], verb: int) -> int:
    """Behind the last full stop, or the "and" between two clauses that both have an auxiliary."""
    first = 0
    for i in range(verb - 1):
        if words[i].lower in {".", ";", ":", "!", "?"}:
            first = i + 1
        elif words[i].lower in lexicon.CONJUNCTIONS or words[i].text == ",":
            if _auxiliary(words[first:i]) and _auxiliary(words[i + 2 : verb]):
                first = i + 1
    return first


def _auxiliary(words: Sequence[Word]) -> bool:
    return any(word.lower in lexicon.AUXILIARIES for word in words)


def _object(words: Sequence[Word], verb: int) -> tuple[Span | None, Span | None]:
    """The preposition, if any, and the noun phrase that follow the verb."""
    first = _behind_manner(words, verb + 1)
    end = first
    while length := preposition_length(words, end):
        end += length
    leading = words[first].lower if end > first else ""
    if leading in lexicon.TIMES or (leading == "to" and words[verb].lower in lexicon.VERBS_WITH_INFINITIVE):
        return None, None
    nouns = noun_phrase(words[end:])
    if end > first and nouns and nouns[0] is words[end]:  # no article: "talking on phone a cell phone"
        behind = words.index(nouns[-1]) + 1
        if precedes_determiner(words, behind - 1) and (further := noun_phrase(words[behind:])):
            end, nouns = behind, further
    if len(nouns) > 1 and words[verb].lower in lexicon.VERBS_OF_WATCHING:
        nouns = nouns[:-1] if nouns[-1].lower in lexicon.PRESENT_VERBS else nouns  # "watching a bird fly"
    return span_of(words[first:end]), span_of(nouns)


def _behind_manner(words: Sequence[Word], first: int) -> int:
    """Behind what says how: adverbs, "hand in hand", "open" in "lying open on a table"."""
    while first < len(words):
        mirrored = first + 2 < len(words) and words[first].lower == words[first + 2].lower
        if mirrored and preposition_length(words, first + 1):
            first += 3
        elif words[first].is_adverb or (words[first].is_adjective and preposition_length(words, first + 1)):
            first += 1
        else:
            break
    return first
