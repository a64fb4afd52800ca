"""What the HTTP edge asks for: a request in, a run in the store, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from deployments.config import IngressArgs
from deployments.edge.body import CorrectionRequest, GenerationRequest
from deployments.edge.readiness import READY, Part, States, is_ready
from deployments.playing.admission import Admission
from deployments.playing.bell import Bell
from deployments.playing.demand import demand
from deployments.playing.desk import Desk
from deployments.playing.follow import Numbered, follow, until_over
from deployments.playing.order import Corrects, Order
from deployments.playing.painters import Painters
from deployments.playing.pictures import runs_of
from deployments.playing.player import CastFor, Player
from deployments.playing.warming import Warming
from deployments.scaling.workload import Drawn
from deployments.seeing.requests import accepted
from record.errors import InputError
from record.facts import Checkpoint
from record.reading.prompt import parse
from record.settings import Settings, published
from record.shown import shown
from record.story.best import seeded
from record.story.run import Run
from record.traits import traits_of
from record.types import Json
from runs import NewRun, RunRow, Store, new_id


class RunFailed(Exception):
    """A run that was waited for did not end with its pictures; `row` says how."""

    def __init__(self, row: RunRow) -> None:
        super().__init__(f"run {row.id} {row.status}")
        self.row = row


class Service:
    """Accepts runs, has them played, and tells of them; it owns no model."""

    def __init__(
        self,
        cast_for: CastFor,
        store: Store,
        args: IngressArgs,
        describe: Callable[[], Awaitable[Checkpoint]],
        parts: Callable[[], Awaitable[States]],
        defaults: Mapping[str, Any],
    ) -> None:
        """`describe` asks what is served; `parts` gives each deployment's state and replicas.

        `defaults` are the configuration's settings, over the checkpoint's own.
        """
        self.args, self.parts, self.store = args, parts, store
        self.bell, self.began = Bell(), time.monotonic()
        self.admission = Admission(store.index, args.row_steps_per_s, painters=Painters(self._painters))
        warming = Warming(self._is_ready, self._needed_s, args.first_wait_s)
        self.player = Player(store, cast_for, self.bell, args.max_playing, warming.spared)
        self._describe, self._defaults = describe, defaults
        self._checkpoint: Checkpoint | None = None
        self._desk = Desk(store.index, self.admission, self.player.cancel)

    async def _is_ready(self) -> bool:
        return is_ready(await self.parts())

    async def _needed_s(self) -> float:
        return await self.admission.needed_s(self.args.vlm_budget_s, self.args.max_playing)

    async def checkpoint(self) -> Checkpoint:
        """What the diffusion replicas serve, asked once."""
        if self._checkpoint is None:
            self._checkpoint = await self._describe()
        return self._checkpoint

    async def accept(
        self, asked: GenerationRequest, *, owner: str = "", key: str | None = None
    ) -> tuple[RunRow, bool]:
        """A run for the request, and whether it is new: a repeat of an idempotency `key` joins the first.

        InputError for what cannot be served, OverloadedError where it would not be ready in time.
        """
        order, within_s = await self._order(asked), asked.within_s(self.args.request_timeout_s)
        return await self._accept(order, asked.told(), within_s, owner, key, is_kept=asked.store)

    async def correct(
        self, row: RunRow, asked: CorrectionRequest, *, owner: str = "", key: str | None = None
    ) -> tuple[RunRow, bool]:
        """A run that draws a picture of a finished one again, with its object in another box."""
        if row.status != "finished":
            raise InputError(
                f"run {row.id} is {row.status}: only a finished run can be corrected", code="run_not_over"
            )
        before = Order.from_json(row.body["order"])
        if not 0 <= asked.picture < len(before.settings):
            raise InputError(
                f"picture={asked.picture}: run {row.id} has {len(before.settings)}, numbered from 0",
                param="picture",
            )
        drawn = before.settings[asked.picture]
        settings = Settings.build({**drawn.model_dump(), **asked.settings})
        _check_corrected(drawn.method, settings.method)
        order = replace(
            before, settings=(settings,), box=asked.box_given(), corrects=Corrects(row.id, asked.picture)
        )
        within_s = asked.within_s(self.args.request_timeout_s)
        return await self._accept(order, asked.told(), within_s, owner, key, parent=row.id)

    async def _accept(
        self,
        order: Order,
        asked: Json,
        within_s: float,
        owner: str,
        key: str | None,
        *,
        is_kept: bool = True,
        parent: str | None = None,
    ) -> tuple[RunRow, bool]:
        new = NewRun(
            id=new_id(),
            body={"order": order.to_json(), "asked": asked},
            deadline=time.time() + within_s,
            row_steps=order.row_steps(),
            owner=owner,
            idempotency_key=key,
            parent=parent,
            is_kept=is_kept,
        )
        row, is_new = await self._desk.take(new, within_s)
        accepted(row.id, is_new=is_new)
        self.player.hurry()
        return row, is_new

    async def ended(self, row: RunRow) -> list[Run]:
        """The pictures of a run when it is over; RunFailed where there are none."""
        await until_over(self.store, self.bell, row.id)
        over = await self.run(row.id)
        if over.status != "finished":
            raise RunFailed(over)
        runs = self.player.take(over.id)
        return runs if runs is not None else await asyncio.to_thread(runs_of, self.store, over)

    def follow(self, run: str, after: int = 0) -> AsyncGenerator[Numbered, None]:
        """The run's events from number `after` on."""
        return follow(self.store, self.admission, self.bell, run, after)

    async def run(self, run: str, owner: str | None = None) -> RunRow:
        """The run's row; InputError where it is unknown, or somebody else's than `owner`'s."""
        row = await asyncio.to_thread(self.store.index.get, run)
        if row is None or (owner and row.owner != owner):
            raise InputError(f"run {shown(run)} is unknown: GET /v1/runs lists them", code="run_not_found")
        return row

    async def cancel(self, run: str) -> RunRow | None:
        """Stop a run that is not over; played here it stops at its next step."""
        row = await asyncio.to_thread(self.store.index.cancel, run)
        self.player.cancel(run)
        self.bell.ring(run)
        return row

    async def demand(self, drawn: Drawn) -> dict[str, float]:
        """What waits to be drawn, for whoever starts painters; `drawn` knows of the runs played here."""
        done, refused = drawn.of(self.player.playing), self.admission.refused.row_steps()
        return await demand(self.store.index, done, refused, self.args.row_steps_per_s)

    async def forget(self, run: str) -> None:
        """Remove a run that is over."""
        await asyncio.to_thread(self.store.index.delete, run)

    def settings(self, given: Mapping[str, Any], checkpoint: Checkpoint) -> Settings:
        """What a request gets: `given` over the configuration's over the checkpoint's own.

        Who asks for preset paper gets the paper's values where only the configuration says otherwise.
        """
        facts = checkpoint.facts
        papers = published(facts.family) if given.get("preset") == "paper" else {}
        own = {name: value for name, value in self._defaults.items() if name not in papers}
        return Settings.build({**own, **given}, facts.defaults, facts.family)

    async def _painters(self) -> tuple[int, int]:
        """Replicas that draw, and that start."""
        part = (await self.parts()).get("Diffusion", Part(READY))
        return part.running, part.starting

    async def _order(self, asked: GenerationRequest) -> Order:
        self._check(asked)
        prompt, box = parse(asked.prompt, asked.triplet_given()), asked.box_given()
        checkpoint = await self.checkpoint()
        settings = self.settings(asked.settings, checkpoint)
        _check_drawn_by(settings.method, asked, checkpoint)
        return Order(prompt, tuple(seeded(settings, asked.n)), box)

    def _check(self, asked: GenerationRequest) -> None:
        name, most = self.args.model_name, self.args.max_pictures
        if asked.model not in (None, name):
            raise InputError(
                f"model={shown(asked.model)} is not served here: use {name!r}",
                param="model",
                code="model_not_found",
            )
        if asked.n > most:
            raise InputError(f"n={asked.n}: at most {most} pictures a request", param="n")


def _check_corrected(drawn_by: str, method: str) -> None:
    """Some methods look at no candidate that could be drawn again, or place no object."""
    for name in (drawn_by, method):
        traits = traits_of(name)
        if not (traits.proposes or traits.needs_box):
            raise InputError(
                f"method={name!r} places no object, and nothing of it can be corrected: draw with "
                "method='record', then correct that",
                param="method",
                code="nothing_to_correct",
            )


def _check_drawn_by(method: str, asked: GenerationRequest, checkpoint: Checkpoint) -> None:
    """The checkpoint draws one size and may know few words; an images API has its own."""
    if traits_of(method).is_drawn_elsewhere:
        size, remedy = None, "an images API draws the size it is configured for, leave size out"
    else:
        size, remedy = checkpoint.size, f"this checkpoint draws {checkpoint.size}, leave size out"
        checkpoint.facts.check(asked.prompt)
    if asked.size not in (None, "auto", size):
        raise InputError(f"size={shown(asked.size)}: {remedy}", param="size")
