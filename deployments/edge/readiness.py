"""Which parts of the application can work, as Ray Serve's controller sees them."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping

from ray import serve
from ray.serve.schema import DeploymentStatusOverview

READY = "ready"
KEPT_S = 1.0
"""How long an answer of the controller's is kept."""
States = Mapping[str, str]

log = logging.getLogger("ray.serve")


class Readiness:
    """Asks for the parts' states at most once in `KEPT_S` seconds, whoever and however many want to know."""

    def __init__(self, ask: Callable[[], Awaitable[States]], clock: Callable[[], float] = time.monotonic):
        self._ask, self._clock = ask, clock
        self._turn = asyncio.Lock()
        self._asked, self._states = -math.inf, dict[str, str]()

    async def __call__(self) -> States:
        """Each part's state, READY where it can work; the last known ones where the controller is away."""
        async with self._turn:
            if self._clock() - self._asked >= KEPT_S:
                try:
                    self._states = dict(await self._ask())
                except Exception as error:
                    log.warning("Ray Serve's controller did not say what is ready: %s", error)
                self._asked = self._clock()
        return self._states


async def deployment_states() -> States:
    """Each deployment of this application, READY as long as one of its replicas runs."""
    name = serve.get_replica_context().app_name
    status = await asyncio.to_thread(serve.status)
    return {part: state_of(seen) for part, seen in status.applications[name].deployments.items()}


def state_of(seen: DeploymentStatusOverview) -> str:
    """READY where a replica runs, or none is wanted; else what Ray Serve calls the deployment's state."""
    status = str(seen.status.value)
    is_ready = status == "HEALTHY" or any(
        count for state, count in seen.replica_states.items() if state.value == "RUNNING"
    )
    return READY if is_ready else status.lower()
