"""Values by their content: one fingerprint for what is equal, in any process and on any machine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import BaseModel


def fingerprint(value: object) -> str:
    """SHA-256 (hexadecimal) of a value made of dataclasses, models, mappings, sequences, arrays, scalars.

    Numbers count by their value (1 is 1.0, -0.0 is 0), arrays by dtype, shape and bytes, mappings
    whatever their order. TypeError for anything else, ValueError for a number that is not finite.
    """
    text = json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class ByContent:
    """A frozen dataclass (eq=False) that compares and hashes by its `key`, arrays included."""

    @cached_property
    def key(self) -> str:
        """The fingerprint (64 hexadecimal digits)."""
        return fingerprint(_fields(self))

    def __eq__(self, other: object) -> bool:
        return self.key == other.key if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.key)


def _canonical(value: object) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.generic):
        return _canonical(value.item())
    if isinstance(value, int | float):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "shape": list(value.shape), "bytes": _digest(value)}
    if isinstance(value, ByContent):
        return value.key
    if isinstance(value, BaseModel):
        return _canonical(dict(value))
    if dataclasses.is_dataclass(value):
        return _canonical(_fields(value))
    if isinstance(value, Mapping):
        return {str(name): _canonical(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    raise TypeError(f"{type(value).__name__} has no fingerprint")


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def _digest(array: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()
