"""What a checkpoint folder says of itself, readable without loading it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from record.errors import PromptError
from record.nearest import guess
from record.shown import shown

FACTS_FILE = "facts.json"
OLD_FACTS_FILE = "record.json"
"""What the file was called up to version 0.1.0; it is still read where there is no other."""
Family = Literal["sd1", "sd2", "sdxl"]
"""Kinds of Stable Diffusion: 1.x, 2.x and XL."""


@dataclass(frozen=True)
class Facts:
    """What a checkpoint folder says of itself in `facts.json`; empty for ordinary checkpoints.

    `vocabulary` lists every word a small text encoder knows (none: any word will do); `verbs`, `subjects`
    and `objects` are those that sentences are made of, `defaults` the settings it was measured best with.
    `family` is what kind of model it is: that stands in no such file, whoever loads the weights says it.
    """

    vocabulary: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    family: Family = "sd1"
    subjects: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()

    @classmethod
    def read(cls, checkpoint: str) -> Self:
        """Read `checkpoint/facts.json`, or else `checkpoint/record.json`, if one of them exists."""
        paths = (Path(checkpoint) / name for name in (FACTS_FILE, OLD_FACTS_FILE))
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            return cls()
        found = json.loads(path.read_text(encoding="utf-8"))

        def words(kind: str) -> tuple[str, ...]:
            return tuple(found.get(kind, ()))

        return cls(
            words("vocabulary"),
            words("verbs"),
            found.get("defaults", {}),
            subjects=words("subjects"),
            objects=words("objects"),
        )

    def check(self, text: str) -> None:
        """Raise PromptError if `text` holds a word the checkpoint has never seen."""
        if not self.vocabulary:
            return
        for word in re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower()):
            if word not in self.vocabulary:
                raise PromptError(self._unknown(word), param="prompt", code="unknown_word")

    def _unknown(self, word: str) -> str:
        known = f"Verbs it knows: {', '.join(self.verbs)}."
        hints = " ".join(filter(None, (guess(word, self.vocabulary), known)))
        return f"this checkpoint does not know the word {shown(word)}: {hints}"


@dataclass(frozen=True)
class Checkpoint:
    """What is served of a checkpoint: the picture's size in pixels, and the folder's own facts."""

    width: int
    height: int
    facts: Facts

    @property
    def size(self) -> str:
        """As OpenAI's images API writes it, such as 512x512."""
        return f"{self.width}x{self.height}"
