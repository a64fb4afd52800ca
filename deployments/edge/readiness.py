"""Which parts of the application can work, as Ray Serve's controller sees them."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass

from ray import serve
from ray.serve.schema import DeploymentStatusOverview

from record.types import Json

READY = "ready"
KEPT_S = 1.0
"""How long an answer of the controller's is kept."""
CALM_S = 3.0
"""How long one is kept while every part is ready and no replica comes or goes: to read it costs 40 ms of
computing, in which whoever is answered in the same process waits."""


@dataclass(frozen=True)
class Part:
    """A deployment's state, READY where it can work, and its replicas.

    Ray Serve begins to start every replica that it wants at once: it wants those that run or start.
    """

    state: str
    running: int = 0
    starting: int = 0
    stopping: int = 0

    @property
    def is_calm(self) -> bool:
        """Whether it can work and no replica comes or goes."""
        return self.state == READY and not self.starting and not self.stopping

    def replicas(self) -> Json:
        """Its replicas as the API tells them."""
        return {name: count for name, count in asdict(self).items() if name != "state"}


States = Mapping[str, Part]

log = logging.getLogger("ray.serve")


class Readiness:
    """Asks for the parts' states at most once in `KEPT_S` seconds, whoever and however many want to know.

    While all is calm it is once in `CALM_S`.
    """

    def __init__(self, ask: Callable[[], Awaitable[States]], clock: Callable[[], float] = time.monotonic):
        self._ask, self._clock = ask, clock
        self._turn = asyncio.Lock()
        self._asked, self._states = -math.inf, dict[str, Part]()

    async def __call__(self) -> States:
        """Each part's state, READY where it can work; the last known ones where the controller is away."""
        async with self._turn:
            is_calm = bool(self._states) and all(part.is_calm for part in self._states.values())
            if self._clock() - self._asked >= (CALM_S if is_calm else KEPT_S):
                try:
                    self._states = dict(await self._ask())
                except Exception as error:
                    log.warning("Ray Serve's controller did not say what is ready: %s", error)
                self._asked = self._clock()
        return self._states


async def deployment_states() -> States:
    """Each deployment of this application."""
    name = serve.get_replica_context().app_name
    status = await asyncio.to_thread(serve.status)
    return {part: part_of(seen) for part, seen in status.applications[name].deployments.items()}


def part_of(seen: DeploymentStatusOverview) -> Part:
    """A deployment as Ray Serve tells of it."""
    counts = counts_of(seen)
    running, stopping = counts.pop("RUNNING", 0), counts.pop("STOPPING", 0)
    return Part(state_of(seen), running, sum(counts.values()), stopping)


def is_ready(parts: States) -> bool:
    """Whether every part can work."""
    return bool(parts) and all(part.state == READY for part in parts.values())


def state_of(seen: DeploymentStatusOverview) -> str:
    """READY where a replica runs, or none is wanted; else what Ray Serve calls the deployment's state.

    Where the first one starts because of a request, that waits for it: the part can work.
    """
    status = str(seen.status.value)
    is_ready = status in ("HEALTHY", "UPSCALING") or counts_of(seen).get("RUNNING", 0) > 0
    return READY if is_ready else status.lower()


def counts_of(seen: DeploymentStatusOverview) -> dict[str, int]:
    """How many replicas are in each state; Ray Serve names the states by words or by an enumeration."""
    return {str(getattr(state, "value", state)): count for state, count in seen.replica_states.items()}
