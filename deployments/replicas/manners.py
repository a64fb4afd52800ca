"""Who computes for seconds on a processor gives way there to who answers at once: the proxy and the edge."""

from __future__ import annotations

import os

LATER = 15
"""The niceness of what may wait; Ray's for all its workers, which `deployments.launch` starts with 0."""


def give_way() -> None:
    """From here on this thread, and those that it starts, compute when nobody in a hurry wants to.

    Where niceness is a whole process's it is this one that gives way.
    """
    own = os.PRIO_PROCESS, 0
    os.setpriority(*own, max(LATER, os.getpriority(*own)))
