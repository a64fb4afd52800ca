"""How runs end: as their worker says, or in place of a lease that could do no good."""

from __future__ import annotations

from record.types import Json
from runs.rows import Ending, RunRow

ATTEMPTS = 3
"""A run that has lost so many workers is not given to another one: it may be what kills them."""


def ended(now: float, status: Ending, error: Json | None = None) -> Json:
    """The columns of a run that ends now."""
    return {"status": status, "ended": now, "error": error, "leased_until": None}


def hopeless(row: RunRow, now: float) -> Json | None:
    """The columns of a run that ends because nobody need play it any more; None for the others."""
    if row.is_cancelled:
        return ended(now, "cancelled")
    if row.deadline <= now:
        late = f"the deadline passed after {row.attempts} attempts: ask again, or for more time"
        return ended(now, "failed", _error("timeout", late))
    if row.attempts >= ATTEMPTS:
        lost = f"the run lost its worker {row.attempts} times: ask for fewer steps or candidates"
        return ended(now, "failed", _error("worker_lost", lost))
    return None


def _error(code: str, message: str) -> Json:
    return {"type": "server_error", "code": code, "message": message, "param": None}
