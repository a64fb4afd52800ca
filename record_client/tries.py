"""How often something is tried, and how long is waited between."""

from __future__ import annotations

import random

import httpx

from record_client.errors import ClientError, ConnectionLost, ServiceError

FIRST_S, LONGEST_S = 0.25, 8.0
"""The first pause and the longest; each is twice the one before."""


class Tries:
    """At most `most` repeats in a row without progress."""

    def __init__(self, most: int) -> None:
        self._most, self._made = most, 0

    def progress(self) -> None:
        """Something came through: count from the beginning."""
        self._made = 0

    def pause_s(self, error: httpx.RequestError | ServiceError) -> float:
        """Seconds to wait before the next try; raises what there is to say where there is none.

        The service's own wish (Retry-After) is kept to; one that is longer than a pause may be is for
        the caller to decide on.
        """
        cause = error if isinstance(error, ServiceError) else lost(error)
        wish = cause.retry_after_s or 0.0 if isinstance(cause, ServiceError) else 0.0
        is_final = isinstance(cause, ServiceError) and not cause.may_repeat
        if is_final or self._made >= self._most or wish > LONGEST_S:
            raise cause from error
        pause = min(LONGEST_S, FIRST_S * 2.0**self._made)
        self._made += 1
        return max(wish, pause * random.uniform(0.75, 1.0))


def lost(error: httpx.RequestError) -> ClientError:
    """What to say of a connection that broke."""
    where = ""
    try:
        url = error.request.url
        where = f"{url.scheme}://{url.netloc.decode('ascii')} "
    except RuntimeError:  # it was raised before there was a request
        pass
    if isinstance(error, httpx.ReadTimeout):
        return ConnectionLost(f"{where}gave no answer in time")
    return ConnectionLost(f"{where}cannot be reached ({error or type(error).__name__})")
