"""How much one caller may ask for: so many requests a minute, and so many at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from deployments.keys import Key


class Meter:
    """A token bucket that holds one minute's requests, and a count of those under way."""

    def __init__(self, key: Key, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds; the bucket begins full."""
        self.key, self._clock = key, clock
        self._full = max(1.0, key.requests_per_minute)
        self._left, self._seen, self._busy = self._full, clock(), 0

    def enter(self) -> float:
        """Begin a request and return 0; or the seconds after which there may be room for it."""
        now = self._clock()
        rate = self.key.requests_per_minute / 60
        self._left = min(self._full, self._left + (now - self._seen) * rate)
        self._seen = now
        if self._busy >= self.key.concurrency:
            return 1.0
        if self._left < 1:
            return (1 - self._left) / rate
        self._left -= 1
        self._busy += 1
        return 0.0

    def leave(self) -> None:
        """A request that entered is over."""
        self._busy -= 1


class Meters:
    """A meter a caller; one starts anew when its key's limits change."""

    def __init__(self) -> None:
        self._meters = dict[str, Meter]()

    def of(self, key: Key) -> Meter:
        """The caller's own."""
        meter = self._meters.get(key.name)
        if meter is None or meter.key != key:
            meter = self._meters[key.name] = Meter(key)
        return meter
