"""What Ray Serve's controller asks how many replicas each deployment shall have.

Named in a profile as the application's `autoscaling_policy`. A change of it restarts no replica.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ray.serve.autoscaling_policy import replica_queue_length_autoscaling_policy
from ray.serve.config import AutoscalingContext

from deployments.scaling.room import Cluster, ask_ray, room
from deployments.scaling.told import PACE, REACHED, USUAL, needs_in, work_in
from deployments.scaling.wanted import Aim, Course, bounded, needed
from record.nearest import remedy

Contexts = Mapping[Any, AutoscalingContext]
PAINTERS, EDGE = "Diffusion", "Ingress"


class ByWork:
    """Painters by the work that waits, all other deployments as Ray Serve scales them.

    Bounds and the others' delays are those of each deployment's `autoscaling_config`; that of the painters
    has its own delays at 0, since they are the policy's.
    """

    def __init__(
        self,
        *,
        grows: bool = False,
        cluster: Cluster | None = None,
        clock: Callable[[], float] = time.time,
        **aim: float,
    ) -> None:
        """`aim` are `Aim`'s fields; ValueError for others, and for what is out of their ranges.

        Where the cluster `grows`, nodes come for replicas that have no room.
        """
        known = [one.name for one in fields(Aim)]
        for name in aim:
            if name not in known:
                raise ValueError(f"unknown key {name!r}: {remedy(name, [*known, 'grows'], 'keys')}")
        self._course = Course(Aim(**aim))
        self._grows, self._clock = grows, clock
        self._cluster = cluster or Cluster(ask_ray)
        self._pace = 0.0
        self._needs: dict[str, float] | None = None

    def __call__(self, contexts: Contexts) -> tuple[dict[Any, float], dict[Any, dict[str, Any]]]:
        """Replicas of every deployment, and nothing to remember: that is done here."""
        edge = next((one for one in contexts.values() if one.deployment_name == EDGE), None)
        wanted: dict[Any, float] = {}
        for key, context in contexts.items():
            if context.deployment_name == PAINTERS and edge is not None:
                wanted[key] = self._painters(context, edge)
            else:
                wanted[key] = replica_queue_length_autoscaling_policy(context)[0]
        return wanted, {}

    def _painters(self, painters: AutoscalingContext, edge: AutoscalingContext) -> int:
        target: int = painters.target_num_replicas
        told = [one for one in latest(edge) if USUAL in one]
        reached = self._measure(painters)
        if not told:
            return target  # the edge starts, and knows of no work yet
        pace = self._pace or max(told[0][USUAL], reached)
        need = needed(work_in(told), pace, self._course.aim)
        fewest, most = painters.capacity_adjusted_min_replicas, painters.capacity_adjusted_max_replicas
        most = max(fewest, math.floor(min(most, self._room(target))))
        return bounded(self._course.wanted(self._clock(), need, target), fewest, most)

    def _measure(self, painters: AutoscalingContext) -> float:
        """Remember how fast full painters draw and what one reserves; the most that the others reached."""
        told = [one for one in latest(painters) if PACE in one]
        if paces := [one[PACE] for one in told if one[PACE] > 0]:
            self._pace = sum(paces) / len(paces)
        self._needs = needs_in(told[0]) if told else self._needs
        return max((one[REACHED] for one in told), default=0.0)

    def _room(self, target: int) -> float:
        """Painters that the cluster holds; what one needs is known once the first one runs."""
        if self._grows:
            return math.inf
        if self._needs is None:
            return max(1, target)
        return room(self._needs, target, self._cluster())


def latest(context: AutoscalingContext) -> list[dict[str, float]]:
    """What each running replica recorded last by name, the newest record first."""
    spoke: dict[Any, float] = {}
    told: dict[Any, dict[str, float]] = {}
    for name, series in (context.raw_metrics or {}).items():
        for replica, points in series.items():
            if points:
                told.setdefault(replica, {})[name] = float(points[-1].value)
                spoke[replica] = max(spoke.get(replica, 0.0), points[-1].timestamp)
    return [told[replica] for replica in sorted(told, key=lambda one: -spoke[one])]
