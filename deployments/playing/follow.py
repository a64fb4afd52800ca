"""The events of a run as anybody follows them, from any replica, from any of them on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from deployments.playing.admission import Admission
from deployments.playing.bell import Bell
from record.types import Json
from runs.rows import RunRow
from runs.store import Store

POLL_S = 0.25
"""How long news of a run that another replica plays may take ..."""
LONGEST_POLL_S = 2.0
"""... and those of one that waits: the more runs are before it, the less often it is looked for."""
WAITING = "run.accepted"


@dataclass(frozen=True)
class Numbered:
    """An event of a run by its number; 0 are those of a run that waits, which are not kept."""

    number: int
    told: Json

    @property
    def name(self) -> str:
        """The event's kind."""
        return str(self.told["event"])


async def follow(
    store: Store, admission: Admission, bell: Bell, run: str, after: int = 0
) -> AsyncGenerator[Numbered, None]:
    """Every event above number `after`, as they happen, and at last how the run ended.

    A run that is deleted while it is followed ends without a last event.
    """
    position = -1
    while (row := await asyncio.to_thread(store.index.get, run)) is not None:
        pause_s = POLL_S
        if row.status == "waiting":
            place = await _place(store, admission, row)
            pause_s = min(LONGEST_POLL_S, POLL_S * (1 + place["position"]))
            if place["position"] != position:
                position = place["position"]
                yield Numbered(0, place)
        is_news = row.last_event > after
        found = await asyncio.to_thread(store.index.events, run, after) if is_news else []
        for one in found:
            yield Numbered(one.number, {**one.told, "attempt": one.attempt})
            after = one.number
        if row.is_over and not found:
            if after <= row.last_event:
                yield Numbered(row.last_event + 1, ending(row))
            return
        if not found:
            await bell.wait(run, pause_s)


async def until_over(store: Store, bell: Bell, run: str) -> None:
    """Return when the run is over, or gone; of what it tells nothing is read."""
    while (row := await asyncio.to_thread(store.index.get, run)) is not None and not row.is_over:
        await bell.wait(run, LONGEST_POLL_S if row.status == "waiting" else POLL_S)


def ending(row: RunRow) -> Json:
    """The last event of a run that is over."""
    told: Json = {"event": f"run.{row.status}", "at": round((row.ended or row.created) - row.created, 4)}
    if row.status == "failed":
        told["error"] = {name: value for name, value in (row.error or {}).items() if name != "status"}
    elif row.status == "finished":
        told["degraded"] = row.degraded
    return told


async def _place(store: Store, admission: Admission, row: RunRow) -> Json:
    before = await asyncio.to_thread(store.index.ahead, row.id)
    seconds = (before.row_steps + row.row_steps) / await admission.pace()
    return {
        "event": WAITING,
        "position": before.waiting,
        "running": before.running,
        "ready_in_s": round(seconds, 1),
    }
