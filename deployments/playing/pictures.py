"""Runs as they were told into the store, read again."""

from __future__ import annotations

from collections.abc import Iterator

from deployments.playing.order import Order
from record.story.event import Arrays
from record.story.events import Event
from record.story.run import Run
from record.types import Json
from runs import arrays
from runs.rows import RunRow
from runs.store import Store

PAGE = 500


def runs_of(store: Store, row: RunRow, *, whole: bool = False) -> list[Run]:
    """The finished run's pictures with what led to each; `whole` reads maps and masks as well as pictures.

    Slow: to be called in a thread. ArtefactError where bytes are missing.
    """
    order = Order.from_json(row.body["order"])
    told: list[list[Json]] = [[] for _ in order.settings]
    for event in events_of(store, row):
        if "picture" in event:
            told[event["picture"]].append(event)
    found = _arrays(store, row.id, whole=whole)
    return [
        Run(row.id, order.prompt, settings, [Event.from_json(one, _under(found, number)) for one in events])
        for number, (settings, events) in enumerate(zip(order.settings, told, strict=True))
    ]


def events_of(store: Store, row: RunRow) -> Iterator[Json]:
    """What the run's last attempt told."""
    after = 0
    while rows := store.index.events(row.id, after, PAGE):
        yield from (one.told for one in rows if one.attempt == row.attempts)
        after = rows[-1].number


def _arrays(store: Store, run: str, *, whole: bool) -> Arrays:
    wanted = [one for one in store.index.artefacts(run) if whole or one.media_type == arrays.PNG]
    return {
        one.name.rpartition(".")[0]: arrays.from_bytes(store.artefacts.get(one.digest), one.media_type)
        for one in wanted
    }


def _under(found: Arrays, picture: int) -> Arrays:
    head = f"{picture}/"
    return {name.removeprefix(head): array for name, array in found.items() if name.startswith(head)}
