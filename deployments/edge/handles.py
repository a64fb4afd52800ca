"""The story's parts, each played by a deployment behind its handle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any

from ray.exceptions import RayActorError, RayError, RayTaskError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from record.errors import InputError, ReCorDError
from record.facts import Checkpoint
from record.job import Job
from record.traits import traits_of
from record.types import Candidate, Look, Progress

FIRST_PAUSE_S = 0.2

log = logging.getLogger("ray.serve")


async def call(handle: DeploymentHandle, method: str, *arguments: Any, retries: int = 3) -> Any:
    """Call a replica; where it is lost, call another, since all work is named by its arguments.

    Our own errors come back as themselves. Cancelling stops the replica's work as well.
    """
    for attempt in range(retries + 1):
        response = getattr(handle, method).remote(*arguments)
        try:
            return await response
        except asyncio.CancelledError:
            response.cancel()
            raise
        except RayTaskError as error:
            if isinstance(error.cause, ReCorDError):
                raise error.cause from None
            raise
        except RayActorError as error:
            if attempt == retries:
                raise
            log.warning("%s.%s lost its replica, trying again: %s", handle.deployment_name, method, error)
            await asyncio.sleep(FIRST_PAUSE_S * 2**attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


class RemoteDiffusion:
    """The cast's Diffusion, by handle: one call a trajectory, so that candidates spread over replicas.

    What no checkpoint draws is drawn by `images`, a proxy to another service, where there is one.
    """

    def __init__(self, handle: DeploymentHandle, images: DeploymentHandle | None, retries: int) -> None:
        self._handle = handle
        self._images = images
        self._retries = retries

    async def draw(self, job: Job, within_s: float) -> AsyncGenerator[Progress | Candidate, None]:
        """Run one trajectory on any replica; only the candidate comes, no progress."""
        traits = traits_of(job.drawing.method)
        handle = self._images if traits.is_drawn_elsewhere else self._handle
        if handle is None:
            raise InputError(
                f"method={traits.name!r} is not configured here: add an images section with model and "
                "base_url to the service's configuration, or choose another method",
                param="method",
                code="method_not_configured",
            )
        candidate: Candidate = await call(handle, "draw", job, within_s, retries=self._retries)
        yield candidate

    async def describe(self) -> Checkpoint:
        """What the replicas serve."""
        checkpoint: Checkpoint = await call(self._handle, "describe", retries=self._retries)
        return checkpoint


class RemoteAnalyst:
    """The cast's Analyst, by handle."""

    def __init__(self, handle: DeploymentHandle, retries: int) -> None:
        self._handle = handle
        self._retries = retries

    async def look(self, candidate: Candidate) -> Look:
        """Look on any replica."""
        look: Look = await call(self._handle, "look", candidate, retries=self._retries)
        return look


class RemoteChat:
    """record.reasoning's Chat, by handle. A lost or full VLM is an answer too: the picture goes on."""

    def __init__(self, handle: DeploymentHandle, retries: int) -> None:
        self._handle = handle
        self._retries = retries

    async def chat_json(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer an OpenAI chat-completions body, or `{"error": {...}}`."""
        try:
            answer: dict[str, Any] = await call(self._handle, "chat_json", payload, retries=self._retries)
        except (RayError, RayServeException) as error:
            log.warning("the vision-language model gave no answer: %s", error)
            return {"error": {"message": f"the model's replica failed: {type(error).__name__}", "code": 503}}
        return answer
