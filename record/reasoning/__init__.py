"""The agents: what they are asked, in which form they answer, and how the answer is checked."""

from record.reasoning.agents import Chat, VisionReasoner
from record.reasoning.change import needs_correction
from record.reasoning.dialect import COMPACT, GENERAL, Dialect, dialect_for, habit_of

__all__ = [
    "COMPACT",
    "GENERAL",
    "Chat",
    "Dialect",
    "VisionReasoner",
    "dialect_for",
    "habit_of",
    "needs_correction",
]
