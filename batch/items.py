"""One picture that a batch is asked for, and which of several processes draws it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from record.errors import InputError
from record.fingerprint import fingerprint
from record.geometry import Box
from record.reading.prompt import Triplet
from record.types import Json

DIGITS = 20
"""Hexadecimal digits of an id: of a million different pictures two share one with a chance of 1 in 10^12."""


@dataclass(frozen=True)
class Item:
    """A prompt of a line, with the settings that were given, checked; lines and attempts count from 1."""

    line: int
    prompt: str
    box: Box | None = None
    triplet: Triplet | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    attempt: int = 1

    @cached_property
    def id(self) -> str:
        """The same for whatever asks for the same picture of the same models, wherever it stands.

        A job's own key also holds what a checkpoint's defaults make of the settings left out: that is not
        known before its models are loaded, and a batch's folder keeps to one set of models.
        """
        parts = (self.prompt, self.box, self.triplet)
        asked = [None if part is None or isinstance(part, str) else asdict(part) for part in parts[1:]]
        return fingerprint([self.prompt, *asked, self.settings])[:DIGITS]

    def again(self, attempt: int) -> Self:
        """The same, for another try."""
        return replace(self, attempt=attempt)

    def to_json(self) -> Json:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """The item that `to_json` told."""
        box, triplet = told["box"], told["triplet"]
        made = {"box": box and Box(**box), "triplet": triplet and Triplet(**triplet)}
        return cls(**{**told, **made})


@dataclass(frozen=True)
class Shard:
    """Part `index` (from 1) of `count`, for processes that share the work without knowing of each other."""

    index: int = 1
    count: int = 1

    @classmethod
    def from_text(cls, text: str) -> Self:
        """`2/8` is the second of eight; InputError for what is none."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise InputError(f"shard={text!r}: write it as 2/8, the second of eight", param="shard")
        return cls(int(found[1]), int(found[2]))

    def takes(self, item: Item) -> bool:
        """Whether the item is this part's."""
        return int(item.id, 16) % self.count == self.index - 1

    def __str__(self) -> str:
        return f"{self.index}-of-{self.count}"
