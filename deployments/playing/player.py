"""Plays runs: leases them from the store, tells the story, writes down what happens, ends them."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Sequence

from deployments.playing.bell import Bell
from deployments.playing.failures import Failure, failure_of
from deployments.playing.order import Order
from deployments.playing.pictures import runs_of
from deployments.playing.played import Playing
from deployments.playing.teller import Teller
from deployments.seeing.runs import RunWatch
from record.errors import InputError
from record.reasoning.heard import Exchange
from record.story import collect
from record.story.cast import Cast, Chosen
from record.story.events import Degraded, Event, Exchanged
from record.story.run import Run
from record.together import together
from runs.errors import ArtefactError, LostLease, StoreError
from runs.rows import Ending, RunRow, Spared
from runs.store import Store

LEASE_S = 10.0
"""A run whose worker died is another one's after so long."""
RENEW_S = 0.5
"""How often a lease is renewed, and so how soon a worker hears that its run is to stop."""
SEEK_S = 1.0
"""How often runs are looked for that other replicas accepted or lost."""

CastFor = Callable[[Callable[[Exchange], None]], Cast]
"""Makes the cast of one picture; what passes between the agents and their model goes to the callable."""
Sparing = Callable[[], Awaitable[Spared | None]]
"""Says which runs are to be left waiting for now."""

log = logging.getLogger("ray.serve")


class Player:
    """Plays up to `most` runs at once, oldest first; whatever more was accepted waits in the store."""

    def __init__(
        self, store: Store, cast_for: CastFor, bell: Bell, most: int, sparing: Sparing | None = None
    ) -> None:
        self.name = f"{socket.gethostname()}-{secrets.token_hex(4)}"
        self.playing: dict[str, Playing] = {}
        self._store, self._cast_for, self._bell, self._most = store, cast_for, bell, most
        self._sparing = sparing
        self._hurry = asyncio.Event()
        self._seeking: asyncio.Task[None] | None = None
        self._done: dict[str, list[Run]] = {}

    def hurry(self) -> None:
        """Look for runs now: one was accepted, or a place is free."""
        if self._seeking is None or self._seeking.done():
            self._seeking = asyncio.create_task(self._seek())
        self._hurry.set()

    def cancel(self, run: str) -> None:
        """Stop a run at once, if it is played here; the store has been told."""
        if run in self.playing:
            self.playing[run].stop("cancelled")

    def take(self, run: str) -> list[Run] | None:
        """The pictures of a run that ended here just now, once; else they are read from the store."""
        return self._done.pop(run, None)

    async def close(self) -> None:
        """Stop playing; the runs are others' when their leases run out."""
        tasks = [one.task for one in self.playing.values() if one.task is not None]
        for one in self.playing.values():
            one.stop("lost")
        if self._seeking is not None:
            self._seeking.cancel()
            tasks.append(self._seeking)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _seek(self) -> None:
        while True:
            self._hurry.clear()
            free = self._most - len(self.playing)
            for row in await self._lease(free) if free else ():
                self._begin(row)
            await self._wait()

    async def _lease(self, most: int) -> list[RunRow]:
        try:
            spared = None if self._sparing is None else await self._sparing()
            lease = self._store.index.lease
            return await asyncio.to_thread(lease, self.name, LEASE_S, most, tuple(self.playing), spared)
        except Exception as error:  # whatever it is, runs go on to be looked for
            log.error("runs cannot be leased: %s", error, exc_info=not isinstance(error, StoreError))
            return []

    async def _wait(self) -> None:
        waiting = asyncio.create_task(self._hurry.wait())
        await asyncio.wait([waiting], timeout=SEEK_S)
        waiting.cancel()

    def _begin(self, row: RunRow) -> None:
        playing = self.playing[row.id] = Playing(row)
        playing.task = asyncio.create_task(self._play(playing))
        playing.task.add_done_callback(lambda _: self.playing.pop(row.id, None))  # it may be stopped unbegun
        self._bell.ring(row.id)

    async def _play(self, playing: Playing) -> None:
        row, watch = playing.row, RunWatch(playing.row)
        teller = Teller(self._store, row.id, self.name, lambda: self._bell.ring(row.id))
        helpers = [asyncio.create_task(teller.write()), asyncio.create_task(self._renew(playing))]
        helpers[0].add_done_callback(lambda _: playing.stop("unwritten") if teller.is_broken else None)
        try:
            failure = await self._draw(playing, teller, watch)
            playing.is_drawn = True
            if playing.stopped != "lost":
                watch.end(await self._end(playing, teller, failure))
        except LostLease:
            log.warning("run %s is played elsewhere now", row.id)
        except Exception as error:
            log.error("run %s cannot be written down: %s", row.id, error)
            await self._give_up(playing, failure_of(error))
            watch.end("failed")
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            watch.leave()
            self.playing.pop(row.id, None)
            self._bell.ring(row.id)
            self._hurry.set()

    async def _draw(self, playing: Playing, teller: Teller, watch: RunWatch) -> Failure | None:
        """Draw everything; what went wrong, or None."""
        row = playing.row
        try:
            order = Order.from_json(row.body["order"])
            left_s = row.deadline - time.time()
            async with asyncio.timeout(left_s):
                chosen = await self._chosen(order)
                tellings = (
                    self._one(teller, watch, number, order, left_s, chosen)
                    for number in range(len(order.settings))
                )
                playing.runs = list(await together(tellings))
        except asyncio.CancelledError:
            if not playing.stopped:
                raise
            return None
        except Exception as error:
            return failure_of(error)
        return None

    async def _one(
        self,
        teller: Teller,
        watch: RunWatch,
        number: int,
        order: Order,
        left_s: float,
        chosen: Chosen | None,
    ) -> Run:
        start, seen = time.perf_counter(), watch.picture()

        def hear(event: Event) -> None:
            seen.hear(event)
            teller.hear(number, event)

        def overhear(exchange: Exchange) -> None:
            teller.hear(number, Exchanged(time.perf_counter() - start, exchange))

        request = order.requests(watch.run, left_s)[number]
        return await collect(request, self._cast_for(overhear), hear, chosen=chosen)

    async def _chosen(self, order: Order) -> Chosen | None:
        """The candidate that a correction starts from.

        ArtefactError where its run is gone, InputError where none was looked at in it.
        """
        if order.corrects is None:
            return None
        wanted = order.corrects
        row = await asyncio.to_thread(self._store.index.get, wanted.run)
        if row is None:
            raise ArtefactError(f"run {wanted.run!r} is gone: draw it anew, then correct it")
        whole = await asyncio.to_thread(lambda: runs_of(self._store, row, whole=True))
        try:
            return whole[wanted.picture].chosen
        except LookupError as error:
            raise InputError(
                f"run {wanted.run!r} has no candidate that was looked at: draw without box and with "
                "correction, then correct that",
                code="nothing_to_correct",
            ) from error

    async def _end(self, playing: Playing, teller: Teller, failure: Failure | None) -> Ending:
        """Write down how it ended, and return that."""
        await teller.close()
        run, index = playing.row.id, self._store.index
        if playing.stopped == "cancelled":
            await asyncio.to_thread(index.finish, run, self.name, "cancelled")
            return "cancelled"
        if failure is not None:
            await asyncio.to_thread(index.finish, run, self.name, "failed", failure.to_json())
            return "failed"
        self._keep(run, playing.runs)
        degraded = any(one.find(Degraded) is not None for one in playing.runs)
        await asyncio.to_thread(index.finish, run, self.name, "finished", None, degraded)
        return "finished"

    def _keep(self, run: str, runs: Sequence[Run]) -> None:
        """Keep the pictures of the last few runs for whoever waits for them here."""
        self._done[run] = list(runs)
        while len(self._done) > self._most:
            self._done.pop(next(iter(self._done)))

    async def _give_up(self, playing: Playing, failure: Failure) -> None:
        """End a run that cannot be written down, where at least its row can be."""
        try:
            finish = self._store.index.finish
            await asyncio.to_thread(finish, playing.row.id, self.name, "failed", failure.to_json())
        except StoreError as error:
            log.error("nor can its end: %s", error)

    async def _renew(self, playing: Playing) -> None:
        run = playing.row.id
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                row = await asyncio.to_thread(self._store.index.renew, run, self.name, LEASE_S)
            except Exception as error:  # without renewal the lease runs out: then it is another's
                is_odd = not isinstance(error, StoreError)
                log.error("the lease of run %s could not be renewed: %s", run, error, exc_info=is_odd)
                continue
            if row is None:
                playing.stop("lost")
            elif row.is_cancelled:
                playing.stop("cancelled")
