"""A request's story: propose, select, look, lay out, correct; who plays it, and what happens meanwhile."""

from record.story.story import collect, correct, play

__all__ = ["collect", "correct", "play"]
