"""The judge of generated pictures: it names the verb and the object, and finds the object's box."""

from __future__ import annotations

from miniature.judge.judge import Judge, Verdict

__all__ = ["Judge", "Verdict"]
