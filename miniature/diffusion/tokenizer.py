"""A real CLIPTokenizer for the small world: one token a word, but for a few words that are cut on purpose."""

from __future__ import annotations

import json
import string
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from miniature.world.vocabulary import SPLIT_WORDS, words

CONTEXT = 20
_END = "</w>"
_SPECIAL = ("<|startoftext|>", "<|endoftext|>")


def _learn(known: tuple[str, ...]) -> tuple[list[str], list[tuple[str, str]]]:
    """Byte pair encoding in which every word becomes one token: (tokens, merges in order)."""
    learner = Tokenizer(models.BPE(end_of_word_suffix=_END))
    learner.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.BpeTrainer(
        vocab_size=4000, min_frequency=1, end_of_word_suffix=_END, show_progress=False
    )
    learner.train_from_iterator([" ".join(known)] * 50, trainer)
    model = json.loads(learner.to_str())["model"]
    pairs = [m.split(" ") if isinstance(m, str) else m for m in model["merges"]]
    merges = [(left, right) for left, right in pairs]
    return sorted(model["vocab"], key=model["vocab"].get), merges


def make_tokenizer() -> CLIPTokenizer:
    """Build the tokenizer; RuntimeError if a word is not cut as it should be."""
    known = words()
    tokens, merges = _learn(known)
    whole = {word + _END for word in SPLIT_WORDS}
    merges = [merge for merge in merges if "".join(merge) not in whole]
    tokens = [token for token in tokens if token not in whole]
    for letter in string.ascii_lowercase + string.digits + ".,'-":
        tokens += [piece for piece in (letter, letter + _END) if piece not in tokens]
    with tempfile.TemporaryDirectory() as name:
        vocabulary, rules = Path(name, "vocab.json"), Path(name, "merges.txt")
        vocabulary.write_text(json.dumps({token: i for i, token in enumerate([*tokens, *_SPECIAL])}))
        rules.write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
        tokenizer = CLIPTokenizer(vocab=str(vocabulary), merges=str(rules), model_max_length=CONTEXT)
    for word in known:
        pieces = len(tokenizer(word).input_ids) - 2
        if (pieces > 1) != (word in SPLIT_WORDS):
            raise RuntimeError(f"the tokenizer cuts {word!r} into {pieces} tokens; check SPLIT_WORDS")
    return tokenizer


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> torch.Tensor:
    """Token numbers padded to the context, int64 (B, CONTEXT)."""
    found = tokenizer(
        captions, padding="max_length", max_length=CONTEXT, truncation=True, return_tensors="pt"
    )
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
