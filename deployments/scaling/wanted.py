"""The arithmetic of scaling: queued work, a replica's pace and deadlines in, replicas out. No Ray here."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Work:
    """Row-steps that wait or are drawn, and (seconds from now, row-steps due by then), soonest first."""

    row_steps: float = 0.0
    due: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Aim:
    """What the number of replicas is chosen for.

    What waits is drawn in `drain_s` seconds, what is due in time. A new replica draws after `starts_s`
    seconds. One goes when it was not needed for `quiet_s` seconds, the last one when there was no work at
    all for `idle_s`.
    """

    drain_s: float = 20.0
    starts_s: float = 10.0
    quiet_s: float = 20.0
    idle_s: float = 300.0

    def __post_init__(self) -> None:
        """ValueError names what is out of range."""
        if not self.drain_s > 0:
            raise ValueError(f"drain_s={self.drain_s}: give seconds above 0")
        for name in ("starts_s", "quiet_s", "idle_s"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}={getattr(self, name)}: give seconds from 0")


def needed(work: Work, pace: float, aim: Aim) -> float:
    """Replicas of `pace` (row-steps a second, above 0) that draw the work in time; 0 for none.

    What is due sooner than a new replica could draw is no reason to start one by itself: it counts among
    what is due later.
    """
    by_queue = work.row_steps / (pace * aim.drain_s)
    in_time = (steps / (pace * (left - aim.starts_s)) for left, steps in work.due if left > aim.starts_s)
    return max(by_queue, *in_time, 0.0)


def bounded(count: float, fewest: int, most: int) -> int:
    """Whole replicas within the bounds; `most` holds where they contradict each other."""
    return min(most, max(fewest, math.ceil(count)))


@dataclass
class Course:
    """What was needed lately: more is wanted at once, less only after a quiet time."""

    aim: Aim
    seen: deque[tuple[float, int]] = field(default_factory=deque)
    present: int = 0
    busy: float = -math.inf

    def wanted(self, now: float, need: float, present: int) -> int:
        """Replicas to have from `now` (seconds of any clock) on, before any bounds.

        Never fewer than were needed at any moment of the last `quiet_s` seconds, where `present` are there.
        Those that somebody else began to want are taken for needed at that moment.
        """
        count = math.ceil(need)
        came, self.present = max(0, present - self.present), present
        if count or came:
            self.busy = now
        self._see(now, max(count, present if came else 0))
        is_idle = now - self.busy >= self.aim.idle_s
        return max(count, min(present, max(self.seen[0][1], 0 if is_idle else 1)))

    def _see(self, now: float, count: int) -> None:
        """Keep the most of the last `quiet_s` seconds first, and the most since then behind it."""
        while self.seen and self.seen[-1][1] <= count:
            self.seen.pop()
        self.seen.append((now, count))
        while self.seen[0][0] < now - self.aim.quiet_s:
            self.seen.popleft()
