"""How many replicas the cluster has room for, from what its nodes have."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ray.exceptions import RayError

Resources = Mapping[str, float]
KEPT_S = 2.0
"""How long what the cluster said is taken for true."""
CARD = "GPU"
NEARLY = 1e-6
"""Shares of a card add up to a little less than one."""


@dataclass(frozen=True)
class Node:
    """What a living node has in all, and what of it is free."""

    total: Resources
    free: Resources


Nodes = Sequence[Node]

log = logging.getLogger("ray.serve")


def fits(needs: Resources, has: Resources) -> float:
    """How many replicas with these needs fit on one node; infinite for one that needs nothing.

    A share of a GPU comes from one card: 0.6 fits three times into three. Ray tells a node's cards as one
    number, which is taken for whole cards and one share.
    """
    counts = (_times(name, need, has.get(name, 0.0)) for name, need in needs.items() if need > 0)
    return min(counts, default=math.inf)


def _times(name: str, need: float, has: float) -> int:
    if name != CARD or need >= 1:
        return math.floor(has / need + NEARLY)
    cards = math.floor(has + NEARLY)
    return cards * math.floor(1 / need + NEARLY) + math.floor((has - cards) / need + NEARLY)


def room(needs: Resources, target: int, nodes: Nodes) -> float:
    """The most replicas that may be wanted: as many as the nodes hold at all, and as are free now.

    Each is on one node: what is left of several is no place. Of `target` replicas that are wanted already
    each runs, starts, or waits for its place.
    """
    held = sum(fits(needs, node.total) for node in nodes)
    return min(held, target + sum(fits(needs, node.free) for node in nodes))


class Cluster:
    """Asks Ray what its nodes have, at most once in `KEPT_S` seconds."""

    def __init__(self, ask: Callable[[], Nodes], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._asked = -math.inf
        self._nodes: Nodes = ()

    def __call__(self) -> Nodes:
        """What the nodes have, or had where Ray does not say; RayError where it never said."""
        if self._clock() - self._asked >= KEPT_S:
            try:
                self._nodes = self._ask()
            except RayError as error:
                if not self._nodes:
                    raise
                log.warning("Ray did not say what its nodes have: %s", error)
            self._asked = self._clock()
        return self._nodes


def ask_ray() -> Nodes:
    """What Ray knows of the nodes that are alive."""
    import ray
    from ray.autoscaler.v2.sdk import get_cluster_status

    status = get_cluster_status(ray.get_runtime_context().gcs_address)
    alive = [*status.active_nodes, *status.idle_nodes]
    return [Node(node.total_resources(), node.available_resources()) for node in alive]
