"""Did you mean: what to say of a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKENESS = 0.6
"""How alike two names must be (0..1, difflib's ratio) for one to be meant by the other."""


def guess(name: str, known: Iterable[str], *, likeness: float = LIKENESS) -> str:
    """`did you mean 'seed'?`, or nothing where no known name is like it."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=likeness)
    return f"did you mean {near[0]!r}?" if near else ""


def remedy(name: str, known: Iterable[str], kind: str, *, likeness: float = LIKENESS) -> str:
    """The guess, or else every known name: `known settings: a, b, c` where `kind` is "settings"."""
    names = sorted(known)
    return guess(name, names, likeness=likeness) or f"known {kind}: {', '.join(names)}"
