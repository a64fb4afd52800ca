"""How long runs are kept: the oldest go by age and by total size, then the bytes that nobody names."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass

from runs.rows import Past
from runs.store import Store

GRACE_S = 3600.0
"""Younger bytes stay, as their row may not be written yet; so do runs not kept, as may their answer."""


@dataclass(frozen=True)
class Keeping:
    """How much of the past stays: seconds since a run's end, and bytes of artefacts in all."""

    max_age_s: float = math.inf
    max_bytes: float = math.inf


@dataclass(frozen=True)
class Swept:
    """What a sweep removed: runs, and artefacts by their bytes."""

    runs: int
    artefacts: int


def outlived(past: Iterable[Past], keeping: Keeping, now: float) -> list[str]:
    """The runs that go: too old, beyond the total size (the newest stay), or not kept and long answered.

    Runs that are not over are not among the past and never go. Bytes that runs share count for each.
    """
    going, total = [], 0
    for run in sorted(past, key=lambda run: run.ended, reverse=True):
        age_s = now - run.ended
        total += run.size
        if age_s > keeping.max_age_s or total > keeping.max_bytes or (not run.is_kept and age_s > GRACE_S):
            going.append(run.run)
            total -= run.size
    return going


def sweep(store: Store, keeping: Keeping, now: float | None = None) -> Swept:
    """Remove the runs that outlived `keeping`, then every artefact that no run names and nobody put lately.

    Safe beside workers that write, and beside other sweeps; one that is cut short is made good by the next.
    """
    moment = time.time() if now is None else now
    runs = sum(store.index.delete(run) for run in outlived(store.index.past(), keeping, moment))
    named = store.index.in_use()
    unnamed = (digest for digest in store.artefacts.digests() if digest not in named)
    return Swept(runs, sum(store.artefacts.remove(digest, moment - GRACE_S) for digest in unnamed))
