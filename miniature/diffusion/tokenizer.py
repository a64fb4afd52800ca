"""A real CLIPTokenizer for the small world: one token a word, but for a few words that are cut on purpose."""

from __future__ import annotations

import hashlib
import json
import string
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import CLIPTokenizer

from miniature.world.vocabulary import SPLIT_WORDS, words

CONTEXT = 20
_END = "</w>"
_SPECIAL = ("<|startoftext|>", "<|endoftext|>")

Pair = tuple[str, str]


def _pairs(pieces: Sequence[str]) -> zip[Pair]:
    return zip(pieces[:-1], pieces[1:], strict=True)


def _joined(pieces: Sequence[str], pair: Pair) -> list[str]:
    """The pieces with every place of the pair made one, from the left."""
    out: list[str] = []
    for piece in pieces:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return out


def _learn(known: Sequence[str], split: Sequence[str]) -> tuple[list[str], list[Pair]]:
    """Byte pair encoding until every word is one token: (tokens, merges in order).

    The most frequent pair is joined first and ties go by the alphabet, so the result depends on the words
    alone; a library's trainer breaks ties by a hash that differs from process to process. The last join
    of a word of `split` is left out.
    """
    barred = {word + _END for word in split}
    cut = {word: [*word[:-1], word[-1] + _END] for word in known}
    tokens = sorted({piece for pieces in cut.values() for piece in pieces})
    merges: list[Pair] = []
    while True:
        counts = Counter(pair for pieces in cut.values() for pair in _pairs(pieces))
        open_pairs = [pair for pair in counts if "".join(pair) not in barred]
        if not open_pairs:
            return tokens, merges
        best = min(open_pairs, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        tokens += ["".join(best)] if "".join(best) not in tokens else []
        cut = {word: _joined(pieces, best) for word, pieces in cut.items()}


def make_tokenizer(
    known: Sequence[str] | None = None, split: Sequence[str] = SPLIT_WORDS, *, context: int = CONTEXT
) -> CLIPTokenizer:
    """Build the tokenizer of a world whose words are `known`; those of `split` become several tokens.

    Numbers and merges are a function of the words alone, whatever their order. Texts are padded and cut
    to `context` tokens. RuntimeError if a word is not cut as it should be.
    """
    known = sorted(set(words() if known is None else known))
    tokens, merges = _learn(known, split)
    for letter in string.ascii_lowercase + string.digits + ".,'-":
        tokens += [piece for piece in (letter, letter + _END) if piece not in tokens]
    with tempfile.TemporaryDirectory() as name:
        vocabulary, rules = Path(name, "vocab.json"), Path(name, "merges.txt")
        vocabulary.write_text(json.dumps({token: i for i, token in enumerate([*tokens, *_SPECIAL])}))
        rules.write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
        tokenizer = CLIPTokenizer(vocab=str(vocabulary), merges=str(rules), model_max_length=context)
    for word in known:
        pieces = len(tokenizer(word).input_ids) - 2
        if (pieces > 1) != (word in split):
            raise RuntimeError(f"the tokenizer cuts {word!r} into {pieces} tokens; check the split words")
    return tokenizer


def vocabulary_digest(tokenizer: Any) -> str:
    """A name for what a fast tokenizer makes of text: 16 hex digits over its tokens, numbers and merges."""
    core = json.loads(tokenizer.backend_tokenizer.to_str())
    told = {name: core["model"].get(name) for name in ("vocab", "merges", "end_of_word_suffix")}
    told["added"] = sorted((token["content"], token["id"]) for token in core["added_tokens"])
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def check_vocabulary(found: object, tokenizer: Any, source: str) -> None:
    """Raise ValueError unless `found`, the digest kept in `source`, is the tokenizer's own."""
    wanted = vocabulary_digest(tokenizer)
    if found != wanted:
        raise ValueError(
            f"{source} was made with another vocabulary ({found or 'not recorded'}, here {wanted}): its "
            "token numbers mean other words. Use the code and word list it was made with, or train anew."
        )


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> torch.Tensor:
    """Token numbers padded to the tokenizer's context, int64 (B, CONTEXT)."""
    found = tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt")
    ids: torch.Tensor = found.input_ids
    return ids


def word_mask(tokenizer: CLIPTokenizer, ids: torch.Tensor, word: str) -> torch.Tensor:
    """True where the word first stands in a row of `ids` (CONTEXT); all False without it."""
    mask = torch.zeros(len(ids), dtype=torch.bool)
    pieces = tokenizer(word).input_ids[1:-1]
    if not pieces:
        return mask
    for start in range(len(ids) - len(pieces) + 1):
        if ids[start : start + len(pieces)].tolist() == pieces:
            mask[start : start + len(pieces)] = True
            return mask
    return mask
