"""Who computes for seconds on a processor gives way there to who answers at once: the proxy and the edge."""

from __future__ import annotations

import os

LATER = 5
"""The niceness of what may wait. `deployments.launch` starts Ray's workers with 0, Ray itself with 15: then
nothing changes. More than this gains little, and beside other busy programs pictures would come to a stop."""


def give_way() -> None:
    """From here on this thread, and those that it starts, compute when nobody in a hurry wants to.

    Where niceness is a whole process's it is this one that gives way.
    """
    own = os.PRIO_PROCESS, 0
    os.setpriority(*own, max(LATER, os.getpriority(*own)))
