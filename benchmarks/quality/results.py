"""What was measured of each picture, kept line by line so that a stopped run goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.quality.cases import Case


@dataclass(frozen=True)
class Result:
    """One judged picture.

    `rank` is the asked pair's place in the judge's order, from 1; `verb_right` and `object_right` are whether
    it names each. `asked_iou` compares the judge's box of the object with the box asked for, `relation_iou`
    with the place where this body needs it (`body.where_it_belongs`); None where there was nothing to compare
    with, 0 where the judge sees no such object.
    """

    key: str
    group: str
    text: str
    seed: int
    rank: int
    verb_right: bool
    object_right: bool
    has_person: bool
    is_whole: bool
    has_object: bool
    is_corrected: bool
    asked_iou: float | None
    relation_iou: float | None
    row_steps: int
    seconds: float


def digest(*folders: Path) -> str:
    """Twelve hex digits that change with any weight or configuration file of the folders."""
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".md"):
            found.update(str(path.relative_to(folder)).encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


def key_of(settings: Mapping[str, Any], models: str, case: Case) -> str:
    """Sixteen hex digits that name a picture: all its settings, the models' digest, sentence and seed."""
    named = {**settings, "seed": case.seed, "models": models, "text": case.text}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()[:16]


class Results:
    """A JSONL file of results, and a folder of pictures beside it."""

    def __init__(self, path: Path) -> None:
        """Read what is there; a line cut off by a crash is dropped."""
        self._path = path
        self._found: dict[str, Result] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                result = Result(**json.loads(line))
            except (json.JSONDecodeError, TypeError):
                continue
            self._found[result.key] = result

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def get(self, key: str) -> Result | None:
        """The result of a picture, if it was drawn."""
        return self._found.get(key)

    def add(self, result: Result, picture: Image.Image) -> None:
        """Keep the picture, then the line."""
        target = self.picture(result.key)
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.save(target)
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(asdict(result)) + "\n")
        self._found[result.key] = result

    def picture(self, key: str) -> Path:
        """Where a picture lies."""
        return self._path.with_suffix("") / f"{key}.png"
