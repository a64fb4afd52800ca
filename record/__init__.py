"""ReCorD: pictures in which pose and object agree with the verb (arXiv 2407.17911)."""

import os

from record.geometry import Box
from record.reading.prompt import Prompt, Triplet, parse

# GNU's OpenMP workers wait for one another by spinning: beside other busy processes, for longer than the
# work takes. It reads this when torch is loaded; docs/performance.md has the figures.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

__all__ = ["Box", "Prompt", "ReCorD", "Settings", "Triplet", "parse"]


def __getattr__(name: str) -> object:
    """Load what needs torch only when it is asked for."""
    if name == "ReCorD":
        from record.local import ReCorD

        return ReCorD
    if name == "Settings":
        from record.settings import Settings

        return Settings
    raise AttributeError(f"module 'record' has no attribute {name!r}")
