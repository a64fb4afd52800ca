"""Times a call of the vision-language model and counts its tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from deployments.seeing.figures import VLM_SECONDS, VLM_TOKENS


@contextmanager
def chat_watched() -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Gives what is to be told the answer; a call without one counts as "away"."""
    start, outcome = time.perf_counter(), "away"

    def heard(answer: Mapping[str, Any]) -> None:
        nonlocal outcome
        outcome = "error" if answer.get("error") else "answered"
        used = answer.get("usage") or {}
        for kind in ("prompt", "completion"):
            VLM_TOKENS.add(used.get(f"{kind}_tokens") or 0, kind=kind)

    try:
        yield heard
    finally:
        VLM_SECONDS.observe(time.perf_counter() - start, outcome=outcome)
