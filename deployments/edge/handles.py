"""The story's parts, each played by a deployment behind its handle."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from ray.exceptions import RayError
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentHandle

from deployments.playing.calls import call, stream
from deployments.scaling.workload import Drawn, Steps
from deployments.seeing import logs
from deployments.seeing.chats import chat_watched
from record.errors import AwayError, EngineStoppedError, InputError
from record.facts import Checkpoint
from record.job import Job
from record.traits import traits_of
from record.types import Candidate, Look, Progress

log = logging.getLogger("ray.serve")


class RemoteDiffusion:
    """The cast's Diffusion, by handle: one call a trajectory, so that candidates spread over replicas.

    What no checkpoint draws is drawn by `images`, a proxy to another service, where there is one. It is
    asked once: a picture that is paid for is not ordered twice.
    """

    def __init__(
        self, handle: DeploymentHandle, images: DeploymentHandle | None, retries: int, wakes_s: float = 30.0
    ) -> None:
        """A replica has `wakes_s` seconds to say what it serves; its start may be a part of them."""
        self._handle = handle
        self._images = images
        self._retries, self._wakes_s = retries, wakes_s
        self.drawn = Drawn()

    async def draw(
        self, job: Job, within_s: float, *, previews: bool = False
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """Run one trajectory on any replica, passing on its progress; whoever leaves stops it."""
        traits = traits_of(job.drawing.method)
        handle = self._images if traits.is_drawn_elsewhere else self._handle
        if handle is None:
            raise InputError(
                f"method={traits.name!r} is not configured here: add an images section with model and "
                "base_url to the service's configuration, or choose another method",
                param="method",
                code="method_not_configured",
            )
        retries = 0 if traits.is_drawn_elsewhere else self._retries

        def arguments(left_s: float) -> tuple[Job, float, bool]:
            return job, left_s, previews

        steps = Steps(job)
        parts = stream(handle, "draw", arguments, Candidate, retries=retries, within_s=within_s)
        async with aclosing(parts):
            async for part in parts:
                self.drawn.add(logs.current_run(), steps.take(part))
                yield part

    async def describe(self) -> Checkpoint:
        """What the replicas serve; EngineStoppedError where none of them answers in time."""
        try:
            checkpoint: Checkpoint = await call(
                self._handle, "describe", retries=self._retries, within_s=self._wakes_s
            )
        except TimeoutError as error:
            raise EngineStoppedError(f"no replica that draws answered within {self._wakes_s:g} s") from error
        return checkpoint


class RemoteAnalyst:
    """The cast's Analyst, by handle."""

    def __init__(self, handle: DeploymentHandle, retries: int) -> None:
        self._handle = handle
        self._retries = retries

    async def look(self, candidate: Candidate) -> Look:
        """Look on any replica, which is sent no more than looking takes."""
        sent = replace(candidate, verb_map=None, strands=None)
        look: Look = await call(self._handle, "look", sent, retries=self._retries)
        return look


class RemoteChat:
    """record.reasoning's Chat, by handle, with a budget of its own.

    One that is lost, full, still starting or too slow is away: the picture goes on without it.
    """

    def __init__(self, handle: DeploymentHandle, retries: int, budget_s: float = math.inf) -> None:
        """A call takes at most `budget_s` seconds, tries included."""
        self._handle = handle
        self._retries = retries
        self._budget_s = budget_s

    async def chat_json(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer an OpenAI chat-completions body, or `{"error": {...}}`; AwayError within the budget."""
        with chat_watched() as heard:
            answer = await self._answer(payload)
            heard(answer)
        return answer

    async def _answer(self, payload: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await call(
                self._handle, "chat_json", payload, retries=self._retries, within_s=self._budget_s
            )
        except TimeoutError as error:
            raise AwayError(
                f"the vision-language model gave no answer within {self._budget_s:g} s"
            ) from error
        except (RayError, RayServeException, EngineStoppedError) as error:
            log.warning("the vision-language model gave no answer: %s", error)
            kind = type(error).__name__
            raise AwayError(f"the vision-language model cannot be reached: {kind}") from error
        return answer
