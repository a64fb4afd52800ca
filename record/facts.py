"""What a checkpoint folder says of itself, readable without loading it."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from record.errors import PromptError

FACTS_FILE = "record.json"
Family = Literal["sd1", "sd2", "sdxl"]
"""Kinds of Stable Diffusion: 1.x, 2.x and XL."""


@dataclass(frozen=True)
class Facts:
    """What a checkpoint folder says of itself in `record.json`; empty for ordinary checkpoints.

    `vocabulary` lists every word a small text encoder knows (none: any word will do), `defaults`
    the settings it was measured best with. `family` is what kind of model it is: that stands in no such
    file, whoever loads the weights says it.
    """

    vocabulary: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    family: Family = "sd1"

    @classmethod
    def read(cls, checkpoint: str) -> Self:
        """Read `checkpoint/record.json` if it exists."""
        path = Path(checkpoint) / FACTS_FILE
        if not path.is_file():
            return cls()
        found = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            tuple(found.get("vocabulary", ())), tuple(found.get("verbs", ())), found.get("defaults", {})
        )

    def check(self, text: str) -> None:
        """Raise PromptError if `text` holds a word the checkpoint has never seen."""
        if not self.vocabulary:
            return
        for word in re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower()):
            if word not in self.vocabulary:
                raise PromptError(self._unknown(word), param="prompt", code="unknown_word")

    def _unknown(self, word: str) -> str:
        near = difflib.get_close_matches(word, self.vocabulary, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return (
            f"this checkpoint does not know the word {word!r}: {hint}Verbs it knows: {', '.join(self.verbs)}."
        )
