"""Drawing by a running service, several pictures at once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator

from batch.items import Item
from batch.painting import Clock, Draws, Outcome
from record.pictures import codec
from record_client import (
    AsyncReCorDClient,
    ClientError,
    ConnectionLost,
    NotAllowed,
    Overloaded,
    RunCancelled,
    Unavailable,
)
from record_client.stories import story_of

CANCELLED = 3
"""How often a run that somebody cancelled is asked for."""
PAUSE_S, PATIENCE_S = 5.0, 4 * 3600.0
"""Seconds before the next request to a service that has no room and does not say when, and in all."""

Connect = Callable[[], AsyncReCorDClient]


def by_service(connect: Connect, model: str, key: str, at_once: int) -> Draws:
    """Items by the service of `connect`, `at_once` of them under way; who stops stops their runs.

    `key` is the batch's own: a run that a killed batch left under way is joined and not drawn twice. A
    service that has no room is waited for. ConnectionLost and NotAllowed end all; what else it says no to
    is the item's own fault.
    """

    def draws(items: Iterable[Item]) -> Generator[Outcome, None, None]:
        with asyncio.Runner() as runner:
            outcomes = _several(connect, iter(items), _Asker(model, key), at_once)
            try:
                while (outcome := runner.run(_next(outcomes))) is not None:
                    yield outcome
            finally:
                runner.run(outcomes.aclose())

    return draws


async def _next(outcomes: AsyncGenerator[Outcome, None]) -> Outcome | None:
    return await anext(outcomes, None)


async def _several(
    connect: Connect, items: Iterator[Item], asker: _Asker, at_once: int
) -> AsyncGenerator[Outcome, None]:
    async with connect() as client:
        under_way = set[asyncio.Task[Outcome]]()
        try:
            while True:
                while len(under_way) < at_once and (item := next(items, None)) is not None:
                    under_way.add(asyncio.create_task(asker.outcome(client, item)))
                if not under_way:
                    return
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in sorted(done, key=lambda one: one.exception() is not None):
                    yield task.result()
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)


class _Asker:
    """Asks for one item until there is an answer."""

    def __init__(self, model: str, key: str) -> None:
        self._model, self._key = model, key

    async def outcome(self, client: AsyncReCorDClient, item: Item) -> Outcome:
        """The picture, or why there is none; ConnectionLost and NotAllowed are no item's fault."""
        cancelled, until = 0, math.inf
        while True:
            clock = Clock(self._model)
            key = f"{self._key}-{item.id}-{item.attempt}-{cancelled}"
            try:
                return await self._drawn(client, item, key, clock)
            except (ConnectionLost, NotAllowed):
                raise
            except RunCancelled as error:
                cancelled += 1
                if cancelled == CANCELLED:
                    return Outcome(clock.stop().failed(item, error))
            except ClientError as error:
                wish_s = _wish_s(error)
                until = min(until, time.monotonic() + PATIENCE_S)
                if wish_s is None or time.monotonic() + wish_s > until:
                    return Outcome(clock.stop().failed(item, error))
                await asyncio.sleep(wish_s)

    async def _drawn(self, client: AsyncReCorDClient, item: Item, key: str, clock: Clock) -> Outcome:
        asked = {**item.settings, "box": item.box, "triplet": item.triplet}
        drawing = await client.draw(item.prompt, key=key, **asked)
        run = story_of(drawing.run, drawing.events, (), 0).to_json()
        return Outcome(clock.stop().finished(item, run), codec.to_bytes(drawing.image))


def _wish_s(error: ClientError) -> float | None:
    """How long to wait before the same request may well be served; None where it will not help."""
    if isinstance(error, Overloaded | Unavailable) and error.may_repeat:
        return PAUSE_S if error.retry_after_s is None else error.retry_after_s
    return None
