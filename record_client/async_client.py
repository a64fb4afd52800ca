"""The client for asyncio and trio: the same as client.py, awaited."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self, TypeVar

import anyio
import httpx
from httpx_sse import EventSource

from record.reading.prompt import Triplet
from record.story.run import Run as Story
from record_client import calls, where
from record_client.calls import BoxLike, Call
from record_client.errors import ClientError, ServiceError, check
from record_client.events import Told
from record_client.following import Following
from record_client.stories import story_of, wanted
from record_client.told import Drawing, File, Model, Page, Run, RunStatus, Status
from record_client.tries import Tries
from record_client.waiting import STOP_WITHIN_S, OnEvent, Waiting, note_going_on, note_stopped

T = TypeVar("T")


class AsyncReCorDClient:
    """ReCorDClient's twin, whose methods are awaited; a cancelled task stops the run that it waits for."""

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        retries: int = 2,
        reconnects: int = 12,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As ReCorDClient takes them."""
        self.url = where.address(url)
        self._retries, self._reconnects = retries, reconnects
        self._http = httpx.AsyncClient(**where.options(self.url, api_key), transport=transport)

    async def draw(
        self,
        prompt: str,
        *,
        box: BoxLike | None = None,
        triplet: Triplet | None = None,
        n: int = 1,
        key: str | None = None,
        on_event: OnEvent | None = None,
        **settings: Any,
    ) -> Drawing:
        """Have a sentence drawn and wait for its pictures; who stops waiting stops the run."""
        call = calls.start(prompt, settings, box=box, triplet=triplet, n=n, key=key)
        return await self._wait_for(call, on_event)

    async def correct(
        self,
        run_id: str,
        box: BoxLike,
        picture: int = 0,
        *,
        key: str | None = None,
        on_event: OnEvent | None = None,
        **settings: Any,
    ) -> Drawing:
        """Have a finished run's picture drawn again with its object in `box`, and wait as `draw` does."""
        return await self._wait_for(calls.correct(run_id, box, settings, picture=picture, key=key), on_event)

    async def start(
        self,
        prompt: str,
        *,
        box: BoxLike | None = None,
        triplet: Triplet | None = None,
        n: int = 1,
        key: str | None = None,
        **settings: Any,
    ) -> Run:
        """Have a sentence drawn without waiting: the run as it was accepted."""
        return await self._send(calls.start(prompt, settings, box=box, triplet=triplet, n=n, key=key))

    async def events(self, run_id: str, after: int = 0) -> AsyncGenerator[Told, None]:
        """What happens in a run from event number `after` on, as it happens, to its end.

        A stream that breaks is resumed after the last event, as often as there is progress.
        """
        following, tries = Following(run_id, after), Tries(self._reconnects)
        while not following.is_over:
            try:
                async with self._http.stream("GET", following.path, **following.options) as response:
                    if not response.is_success:
                        await response.aread()
                    check(response)
                    async for sse in EventSource(response).aiter_sse():
                        if (told := following.take(sse)) is not None:
                            tries.progress()
                            yield told
                            if told.is_end:
                                return
                following.ended()
            except (httpx.RequestError, ServiceError) as error:
                await anyio.sleep(tries.pause_s(error))

    async def run(self, run_id: str) -> Run:
        """A run as it is now."""
        return await self._send(calls.show(run_id))

    async def runs(self, *, status: RunStatus | None = None, page: int = 20) -> AsyncGenerator[Run, None]:
        """All runs, newest first, asked for by pages of up to 100 as they are needed."""
        before: str | None = None
        while True:
            found: Page = await self._send(calls.page(page, before, status))
            for run in found.runs:
                yield run
            before = found.last
            if before is None:
                return

    async def artefact(self, run_id: str, name: str) -> File:
        """Something that a run left behind: a picture, a map, a mask; names are those of `run`."""
        return await self._send(calls.artefact(run_id, name))

    async def story(self, run_id: str, picture: int = 0) -> Story:
        """What led to a picture of a finished run, with its candidates, as drawing in process gives it."""
        run = await self.run(run_id)
        told = [one async for one in self.events(run_id)]
        files = [await self.artefact(run_id, one.name) for one in wanted(run, picture)]
        return story_of(run, told, files, picture)

    async def cancel(self, run_id: str) -> Run:
        """Stop a run, at its next step; one that is over stays as it is."""
        return await self._send(calls.cancel(run_id))

    async def models(self) -> tuple[Model, ...]:
        """What is served."""
        return await self._send(calls.models())

    async def status(self) -> Status:
        """How the service is, and what it is doing."""
        return await self._send(calls.status())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _wait_for(self, call: Call[Run], on_event: OnEvent | None) -> Drawing:
        waiting = Waiting(on_event)
        try:
            waiting.run = await self._send(call)
            return await self._drawn(waiting, waiting.run.id)
        except ClientError:
            raise
        except BaseException as error:  # cancelled, or what `on_event` raised: nobody waits any more
            with anyio.CancelScope(shield=True):
                await self._leave(call, waiting.run, error)
            raise

    async def _drawn(self, waiting: Waiting, run_id: str) -> Drawing:
        async with aclosing(self.events(run_id)) as events:
            async for told in events:
                waiting.hear(told)
        waiting.check(run_id)
        run = await self._send(calls.show(run_id), self._reconnects)
        names = [f"{number}/image.png" for number in range(run.pictures)]
        files = [await self._send(calls.artefact(run_id, name), self._reconnects) for name in names]
        return Drawing(run, tuple(waiting.heard), tuple(file.image() for file in files))

    async def _leave(self, call: Call[Run], run: Run | None, error: BaseException) -> None:
        """Stop the run; where its answer was not read yet, asking again with the same key tells its id."""
        try:
            joined = run if run is not None else await self._send(call, 1, STOP_WITHIN_S)
            note_stopped(error, await self._send(calls.cancel(joined.id), 1, STOP_WITHIN_S))
        except ClientError as why:
            note_going_on(error, run, why)

    async def _send(self, call: Call[T], retries: int | None = None, timeout_s: float | None = None) -> T:
        tries = Tries(self._retries if retries is None else retries)
        timeout = where.TIMEOUT if timeout_s is None else timeout_s
        while True:
            try:
                answer = await self._http.request(call.method, call.path, **call.options, timeout=timeout)
                return call.result(check(answer))
            except (httpx.RequestError, ServiceError) as error:
                await anyio.sleep(tries.pause_s(error))
