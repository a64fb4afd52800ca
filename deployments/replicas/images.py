"""Pictures by any OpenAI-compatible images API, to compare with."""

from __future__ import annotations

import asyncio
import math
import time
from asyncio import sleep as pause
from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
from openai import APIConnectionError, APIError, AsyncOpenAI
from openai.types import ImagesResponse

from deployments.config import ImagesArgs, read_key
from deployments.seeing.carrying import Carrier, serving
from record.errors import DeadlineError, UpstreamError, message_in
from record.job import Job
from record.pictures import codec
from record.types import Candidate, Progress

UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""Failures before a request was sent: refused, no such host, no connection in time.

By name: openai's versions differ in whether they speak through httpx or httpx2.
"""
TRIES, FIRST_PAUSE_S = 3, 0.5


class ImagesProxy:
    """Draws a job elsewhere. Only its prompt is sent: such an API has no seed and no attention."""

    def __init__(self, args: ImagesArgs, client: AsyncOpenAI | None = None) -> None:
        """Read the key from the environment; ConfigError names the variable that is not set."""
        self._model, self._timeout_s = args.model, args.timeout_s
        asked = {"size": args.size, "response_format": args.response_format}
        self._options: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        key = read_key(args.api_key_env, "images.api_key_env")
        self._secret = key if args.api_key_env else None
        self._client = client or AsyncOpenAI(base_url=args.base_url, api_key=key, max_retries=0)

    async def draw(
        self,
        job: Job,
        within_s: float = math.inf,
        previews: bool = False,
        *,
        carrier: Carrier | None = None,
    ) -> AsyncGenerator[Progress | Candidate, None]:
        """The API's picture at the size it comes in, without attention maps, in `within_s` seconds.

        There is no progress. UpstreamError carries the API's own message.
        """
        try:
            with serving(carrier, "Images.draw"):
                answer = await self._ask(job, time.monotonic() + within_s)
        except APIError as error:
            raise self._failed(message_in(error.body, error.message, self._secret)) from None
        if not answer.data or not answer.data[0].b64_json:
            raise self._failed("no base64 picture in its answer; try images.response_format: b64_json")
        try:
            image = await asyncio.to_thread(codec.decode, answer.data[0].b64_json)
        except ValueError as error:
            raise self._failed(str(error)) from error
        yield Candidate(job.seed, np.asarray(image))

    async def _ask(self, job: Job, deadline: float) -> ImagesResponse:
        """Send the request, which costs money, once; try again only where it never left."""
        for attempt in range(1, TRIES + 1):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise DeadlineError(f"the images API ({self._model}) could not be reached in time")
            try:
                answer: ImagesResponse = await self._client.images.generate(
                    model=self._model,
                    prompt=job.prompt.text,
                    n=1,
                    timeout=min(self._timeout_s, left_s),
                    **self._options,
                )
                return answer
            except APIConnectionError as error:
                if type(error.__cause__).__name__ not in UNSENT or attempt == TRIES:
                    raise
            await pause(FIRST_PAUSE_S * attempt)
        raise AssertionError("unreachable: the last try returns or raises")

    async def aclose(self) -> None:
        """Close the connections that are kept open."""
        await self._client.close()

    def _failed(self, reason: str) -> UpstreamError:
        return UpstreamError(f"the images API ({self._model}) gave no picture: {reason}")
