"""How many replicas the cluster has room for, from what its nodes have."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Resources = Mapping[str, float]
KEPT_S = 2.0
"""How long what the cluster said is taken for true."""
NEARLY = 1e-6
"""Shares of a card add up to a little less than one."""


@dataclass(frozen=True)
class Nodes:
    """What each living node has in all, and what is free in the whole cluster."""

    totals: Sequence[Resources] = ()
    free: Resources | None = None


def fits(needs: Resources, has: Resources) -> float:
    """How many replicas with these needs fit; infinite for one that needs nothing."""
    counts = (math.floor(has.get(name, 0.0) / need + NEARLY) for name, need in needs.items() if need > 0)
    return min(counts, default=math.inf)


def room(needs: Resources, target: int, nodes: Nodes) -> float:
    """The most replicas that may be wanted: as many as the nodes hold at all, and as are free now.

    Of `target` replicas that are wanted already each runs, starts, or waits for its place.
    """
    held = sum(fits(needs, total) for total in nodes.totals)
    more = math.inf if nodes.free is None else fits(needs, nodes.free)
    return min(held, target + more)


class Cluster:
    """Asks Ray what its nodes have, at most once in `KEPT_S` seconds."""

    def __init__(self, ask: Callable[[], Nodes], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._asked, self._nodes = -math.inf, Nodes()

    def __call__(self) -> Nodes:
        """What the nodes have."""
        if self._clock() - self._asked >= KEPT_S:
            self._nodes, self._asked = self._ask(), self._clock()
        return self._nodes


def ask_ray() -> Nodes:
    """What Ray knows of the nodes that are alive."""
    import ray

    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return Nodes(alive, ray.available_resources())
