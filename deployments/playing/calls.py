"""Calls of other deployments' replicas: within a time, and again where a replica was lost."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

from ray.exceptions import (
    LocalRayletDiedError,
    NodeDiedError,
    ObjectLostError,
    RayActorError,
    RayTaskError,
    WorkerCrashedError,
)
from ray.serve.handle import DeploymentHandle

from deployments.seeing.carrying import carrier
from deployments.seeing.figures import RETRIES
from record.errors import EngineStoppedError, ReCorDError

LOST = (
    RayActorError,
    ObjectLostError,
    NodeDiedError,
    WorkerCrashedError,
    LocalRayletDiedError,
    EngineStoppedError,
)
"""What says that a replica, its node or its engine is gone: the same call may succeed elsewhere."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
END = object()

log = logging.getLogger("ray.serve")


async def call(
    handle: DeploymentHandle, method: str, *arguments: Any, retries: int = 3, within_s: float = math.inf
) -> Any:
    """Call a replica; where it is lost, call another, since all work is named by its arguments.

    Our own errors come back as themselves; TimeoutError after `within_s` seconds, tries included. Whatever
    ends the call, being cancelled too, ends the replica's work.
    """
    tries = _Tries(f"{handle.deployment_name}.{method}", retries, within_s)
    while True:
        left_s = tries.left_s()
        response = getattr(handle, method).remote(*arguments, **carrier())
        is_over = False
        try:
            async with asyncio.timeout(left_s):
                result = await response
            is_over = True
            return result
        except Exception as error:
            await tries.lost(error)
        finally:
            if not is_over:
                response.cancel()


async def stream(
    handle: DeploymentHandle,
    method: str,
    arguments: Callable[[float], tuple[Any, ...]],
    last: type,
    *,
    retries: int = 3,
    within_s: float = math.inf,
) -> AsyncGenerator[Any, None]:
    """The same for a replica's async generator: its parts as they come, up to one of kind `last`.

    `arguments` are made anew for every try, from the seconds that are left. A stream that loses its
    replica begins again on another.
    """
    tries = _Tries(f"{handle.deployment_name}.{method}", retries, within_s)
    while True:
        streamed = getattr(handle.options(stream=True), method)
        response = streamed.remote(*arguments(tries.left_s()), **carrier())
        is_over = False
        try:
            while not is_over:
                async with asyncio.timeout(tries.left_s()):
                    part = await anext(response, END)
                is_over = part is END or isinstance(part, last)
                if part is not END:
                    yield part
            return
        except Exception as error:
            await tries.lost(error)
        finally:
            if not is_over:
                response.cancel()


class _Tries:
    """How often a call may still be tried, and for how long."""

    def __init__(self, name: str, retries: int, within_s: float) -> None:
        self._name, self._retries = name, retries
        self._deadline = time.monotonic() + within_s
        self._pause_s = FIRST_PAUSE_S

    def left_s(self) -> float:
        """Seconds that are left; TimeoutError if there are none."""
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError(f"{self._name} was not answered in time")
        return left_s

    async def lost(self, error: Exception) -> None:
        """Pause after a replica was lost; any other error is raised, and so is the one that is too many."""
        cause = error.cause if isinstance(error, RayTaskError) else error
        if not isinstance(cause, LOST) or not self._retries:
            raise cause if isinstance(cause, (ReCorDError, *LOST)) else error
        RETRIES.add(call=self._name)
        log.warning("%s lost its replica, trying again: %s", self._name, cause)
        self._retries -= 1
        await asyncio.sleep(min(self._pause_s, self.left_s()))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
