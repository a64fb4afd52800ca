"""What a checkpoint folder says of itself, readable without loading it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from record.errors import PromptError
from record.nearest import guess

FACTS_FILE = "facts.json"


@dataclass(frozen=True)
class Facts:
    """What a checkpoint folder says of itself in `facts.json`; empty for ordinary checkpoints.

    `vocabulary` lists every word a small text encoder knows (none: any word will do), `defaults`
    the settings it was measured best with.
    """

    vocabulary: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, checkpoint: str) -> Self:
        """Read `checkpoint/facts.json` if it exists."""
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
        known = f"Verbs it knows: {', '.join(self.verbs)}."
        hints = " ".join(filter(None, (guess(word, self.vocabulary), known)))
        return f"this checkpoint does not know the word {word!r}: {hints}"
